import HTTPWire
import Testing

@testable import Faults

struct AttributeTests {
    private func attribute(_ type: FaultType, _ name: String) throws -> Attribute {
        try #require(type.attribute(named: name))
    }

    private func refusal(_ body: () throws -> Quantity) -> String {
        do {
            return "\(try body())"
        } catch {
            return "\(error)"
        }
    }

    // MARK: The schema

    @Test func `names are Toxiproxy's`() {
        let names = FaultType.core.map { type in
            "\(type.rawValue) \(type.attributes.map(\.name).joined(separator: " "))"
        }
        #expect(
            names == [
                "noop ", "latency latency jitter distribution per_in_flight",
                "bandwidth rate shared",
                "slicer average_size size_variation delay", "limit_data bytes",
                "slow_close delay", "timeout timeout", "reset_peer timeout",
                "packet_loss loss_rate correlation", "corrupt bytes inject",
                "respond <status> retry_after headers body", "refuse for",
                "accept-stall backlog for",
                "v6-blackhole for", "v4-only for", "v6-only for", "accept-delay delay",
                "accept-reset ", "accept-close ", "keepalive-race ", "close-after requests",
                "idle-close after", "lying-keep-alive ", "connection-close-stays for",
                "nxdomain ", "servfail ", "refused ", "drop ", "truncate-udp ", "wrong-id ",
                "wrong-question ", "wrong-source ", "cname-loop ", "no-aaaa-answer ",
                "slow-tcp pause", "many-records count", "ttl-zero ", "garbage ",
            ])
    }

    @Test func `every default lies in its range, and every range fits into base units`() {
        for type in FaultType.allCases {
            for attribute in type.attributes {
                #expect(attribute.range.contains(attribute.defaultValue))
                let (base, overflow) = attribute.range.upperBound.multipliedReportingOverflow(
                    by: attribute.unit.scale)
                #expect(!overflow, "\(attribute.name)")
                // Jitter doubles its time, a variation its size.
                #expect(base <= 1 << 61, "\(attribute.name)")
                #expect(!attribute.summary.isEmpty)
            }
            #expect(type.summary.hasSuffix("."))
            let server = type.needsNames ? "dns" : "local"
            #expect(type.example.hasPrefix("\(server):\(type.rawValue)"))
        }
    }

    @Test func `the examples name attributes that there are`() throws {
        for type in FaultType.allCases {
            let words = type.example.split(separator: " ").dropFirst()
            for word in words {
                let name = String(try #require(word.split(separator: "=").first))
                #expect(name == "toxicity" || type.attribute(named: name) != nil, "\(name)")
            }
        }
    }

    @Test func `of the core only respond acts on the exchange, and what is of names`() {
        let types = FaultType.core.filter { $0.place == .exchange && !$0.needsNames }
        #expect(types == [Respond.type])
        #expect(FaultType.core.filter(\.needsNames).allSatisfy { $0.place == .exchange })
    }

    @Test func `attributes are found in whatever case`() throws {
        #expect(try attribute(Slicer.type, "Average_SIZE").name == "average_size")
        #expect(Slicer.type.attribute(named: "size") == nil)
        #expect(Noop.type.attribute(named: "delay") == nil)
    }

    @Test func `respond has one for each status`() throws {
        #expect(try attribute(Respond.type, "418").name == "418")
        #expect(try attribute(Respond.type, "200").unit == .weight)
        #expect(try attribute(Respond.type, "599").defaultValue == 0)
        #expect(try attribute(Respond.type, "Retry_After").name == "retry_after")
        for name in ["<status>", "199", "600", "0418", "41", "+18", "４18", ""] {
            #expect(Respond.type.attribute(named: name) == nil, "\(name)")
        }
        #expect(Latency.type.attribute(named: "418") == nil)
    }

    // MARK: Values

    @Test func `numbers of the API become base units and are shown as they came`() throws {
        let cases: [(FaultType, String, Int64, Int64)] = [
            (Latency.type, "latency", 250, 250_000_000), (Slicer.type, "delay", 30, 30_000),
            (Bandwidth.type, "rate", 64, 64_000_000), (LimitData.type, "bytes", 4096, 4096),
            (Corrupt.type, "inject", 1, 1), (Respond.type, "503", 3, 3),
            (Respond.type, "retry_after", 1500, 1_500_000_000),
        ]
        for (type, name, api, base) in cases {
            let attribute = try attribute(type, name)
            #expect(try attribute.quantity(apiInteger: api) == .number(base))
            #expect(attribute.shown(.number(base)) == .number(api))
        }
        let rate = try attribute(PacketLoss.type, "loss_rate")
        #expect(try rate.quantity(apiInteger: 1) == .fraction(1))
        #expect(try rate.quantity(apiNumber: 0.25) == .fraction(0.25))
        #expect(rate.shown(.fraction(0.25)) == .fraction(0.25))
    }

    @Test func `what lies between two units is shown as the nearest`() throws {
        let latency = try attribute(Latency.type, "latency")
        for (base, shown) in [
            (0, 0), (1, 1), (499_999, 1), (500_000, 1), (1_499_999, 1), (1_500_000, 2),
        ] {
            #expect(latency.shown(.number(Int64(base))) == .number(Int64(shown)))
        }
        #expect(latency.shown(.number(.max)) == .number(9_223_372_036_855))
    }

    @Test func `what is not shown exactly has a text that is read as the same`() throws {
        let latency = try attribute(Latency.type, "latency")
        let rate = try attribute(Bandwidth.type, "rate")
        let texts: [(Attribute, Int64, String?)] = [
            (latency, 0, nil), (latency, 5_000_000, nil), (latency, 1_500_000, "1500us"),
            (latency, 1, "0.001us"), (latency, 12_345_678, "12345.678us"),
            (rate, 64_000_000, nil), (rate, 125_000, "125B/s"), (rate, 64_001_500, "64001.500B/s"),
        ]
        for (attribute, number, text) in texts {
            #expect(attribute.exactly(.number(number)) == text)
            if let text { #expect(try attribute.quantity(text) == .number(number)) }
        }
    }

    @Test func `the largest number is too large everywhere`() throws {
        for type in FaultType.core {
            for attribute in type.attributes where attribute.name != "latency" {
                #expect(throws: FaultError.self) { try attribute.quantity(apiInteger: .max) }
            }
        }
    }

    @Test func `only fractions take numbers with a point`() throws {
        for type in FaultType.core {
            for attribute in type.attributes where attribute.unit != .fraction {
                #expect(throws: FaultError.self) { try attribute.quantity(apiNumber: 0.5) }
                #expect(throws: FaultError.self) { try attribute.quantity(apiNumber: 1) }
            }
        }
        let rate = try attribute(PacketLoss.type, "loss_rate")
        for number in [-0.1, 1.1, .nan, .infinity] {
            #expect(throws: FaultError.self) { try rate.quantity(apiNumber: number) }
        }
    }

    @Test(arguments: [
        (Latency.type, "latency"), (Latency.type, "jitter"), (SlowClose.type, "delay"),
        (Timeout.type, "timeout"), (ResetPeer.type, "timeout"), (Slicer.type, "delay"),
        (Slicer.type, "size_variation"), (LimitData.type, "bytes"),
    ])
    func `what is harmless below zero is zero`(_ type: FaultType, _ name: String) throws {
        let attribute = try attribute(type, name)
        for integer in [-1, Int64.min] {
            #expect(try attribute.quantity(apiInteger: integer) == .number(0))
        }
        #expect(try attribute.checked(.number(-1)) == .number(0))
    }

    @Test(arguments: [(Bandwidth.type, "rate"), (Slicer.type, "average_size")])
    func `what kills Toxiproxy is refused`(_ type: FaultType, _ name: String) throws {
        let attribute = try attribute(type, name)
        #expect(throws: FaultError.self) { try attribute.quantity(apiInteger: -1) }
    }

    @Test func `a refusal says what is allowed`() throws {
        let jitter = try attribute(Latency.type, "jitter")
        #expect(
            refusal { try jitter.quantity(apiInteger: 1_000_000_000_001) }
                == "jitter 1000000000001 is out of range. It lies from 0 to 1000000000000 ms.")
        #expect(
            refusal { try jitter.quantity(apiNumber: 1.5) }
                == "jitter 1.5 is not a whole number of ms.")
        #expect(
            refusal { try jitter.checked(.number(1_000_000_000_000_500_000)) }
                == "jitter 1000000000000.5 is out of range. It lies from 0 to 1000000000000 ms.")
        let rate = try attribute(PacketLoss.type, "loss_rate")
        #expect(
            refusal { try rate.quantity(apiNumber: 1.5) }
                == "loss_rate 1.5 is out of range. It lies from 0 to 1.")
        let inject = try attribute(Corrupt.type, "inject")
        #expect(
            refusal { try inject.quantity(apiInteger: 2) }
                == "inject 2 is out of range. It lies from 0 to 1.")
    }
}
