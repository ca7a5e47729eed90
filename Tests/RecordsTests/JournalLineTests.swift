import EventLoop
import Foundation
import HTTPWire
import TestSupport
import Testing

@testable import Faults
@testable import Records

@Suite struct JournalLineTests {
    private func line(_ record: ExchangeRecord) -> String {
        var (writer, bytes) = (JournalLine(seed: 42), [UInt8]())
        writer.append(record, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func `a line has all keys in their order`() {
        #expect(
            line(SampleRecords.documented)
                == #"{"seq":917,"t":"2026-11-21T14:02:01.120345Z","proxy":"error","conn":12,"#
                + #""exchange":3,"client":"127.0.0.1:51234","method":"GET","#
                + #""target":"/flags/br/br.gif","attempt":1,"seed":42,"faults":[{"toxic":"#
                + #""respond_upstream","type":"respond","draw":0.113000,"toxicity":0.25,"#
                + #""status":503,"acted":true}],"refused":null,"status":503,"bytes_promised":21,"#
                + #""bytes_sent":21,"delay_ms":0.0,"actual_delay_ms":500.1,"queued_ms":0.0,"#
                + #""duration_ms":500.4,"in_flight":17,"via":null,"world":null,"label":null,"#
                + "\"mangled\":false,\"end\":\"keep\"}\n")
    }

    @Test func `what is not there is null`() {
        #expect(
            line(ExchangeRecord(proxy: "p"))
                == #"{"seq":0,"t":"1970-01-01T00:00:00.000000Z","proxy":"p","conn":0,"#
                + #""exchange":0,"client":null,"method":null,"target":null,"attempt":null,"#
                + #""seed":42,"faults":[],"refused":null,"status":null,"bytes_promised":null,"#
                + #""bytes_sent":0,"delay_ms":0.0,"actual_delay_ms":0.0,"queued_ms":0.0,"#
                + #""duration_ms":0.0,"in_flight":0,"via":null,"world":null,"label":null,"#
                + "\"mangled\":false,\"end\":\"keep\"}\n")
    }

    @Test func `a world's records have its name, its seed and their label`() {
        var record = ExchangeRecord(proxy: "p")
        record.origin = RecordOrigin(world: "test \"a\"", seed: 7, label: "b[1]")
        let text = line(record)
        #expect(text.contains(#""seed":7,"#))
        #expect(text.contains(#""world":"test \"a\"","label":"b[1]","#))
    }

    @Test func `a delay is told with its fault, an exact fault without a draw`() {
        var record = ExchangeRecord(proxy: "p")
        record.faults = [
            SampleRecords.latency(1_234_567_890), SampleRecords.respond(418, draw: nil),
        ]
        let text = line(record)
        #expect(text.contains(#""toxicity":1,"delay_ms":1234.5,"acted":true},{"toxic""#))
        #expect(text.contains(#""draw":null,"toxicity":0.25,"status":418,"acted":true}]"#))
        #expect(text.contains(#""delay_ms":1234.5,"actual_delay_ms""#))
    }

    @Test(arguments: [
        (0.999_999_99, "0.999999"), (0.000_001_5, "0.000001"), (0.0, "0.000000"),
        (0.25, "0.250000"),
    ])
    func `a draw is rounded down`(_ draw: Double, _ text: String) {
        var record = ExchangeRecord(proxy: "p")
        record.faults = [SampleRecords.respond(503, draw: draw)]
        #expect(line(record).contains("\"draw\":\(text),"))
    }

    @Test(arguments: [
        (1.0, "1"), (0.5, "0.5"), (0.05, "0.05"), (0.000_001, "0.000001"), (0.0, "0"),
        (1.0 / 3, "0.3333333333333333"), (1e-9, "1e-9"),
    ])
    func `a toxicity has its shortest digits`(_ toxicity: Double, _ text: String) throws {
        var record = ExchangeRecord(proxy: "p")
        let probability = try #require(Probability(toxicity))
        let toxic = Toxic(.noop(Noop()), stream: .upstream, toxicity: .random(probability))
        record.faults = [FaultPlan.DrawnFault(toxic: toxic, draw: 0, effect: .stage(seed: 1))]
        #expect(line(record).contains("\"toxicity\":\(text),\"acted\":false}"))
    }

    @Test func `texts are escaped as JSON demands and no more`() {
        var record = ExchangeRecord(proxy: "a\"b\\c\n\r\t\u{1}\u{1f}/<é🏴")
        record.via = "\u{7f}"
        let text = line(record)
        #expect(text.contains(#""proxy":"a\"b\\c\n\r\t\u0001\u001f/<é🏴","#))
        #expect(text.contains("\"via\":\"\u{7f}\""))
    }

    @Test func `what is kept from the line before does not stay`() throws {
        var writer = JournalLine(seed: 1)
        var records = [SampleRecords.documented, SampleRecords.documented]
        records[1].client = SocketAddress(host: "::1", port: 80)
        records[1].time += 1_000_000_000
        var bytes: [UInt8] = []
        for record in records + records { writer.append(record, to: &bytes) }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        try #require(lines.count == 4)
        #expect(lines[0] == lines[2] && lines[1] == lines[3])
        #expect(lines[1].contains("14:02:02.120345Z") && lines[1].contains(#""[::1]:80""#))
    }

    @Test func `every line that is read again is its record`() throws {
        var generator = TestGenerator(seed: 7)
        for _ in 0..<500 {
            let record = Self.random(&generator)
            try Self.compare(line(record), record)
        }
    }

    // MARK: Random records

    private static func random(_ generator: inout TestGenerator) -> ExchangeRecord {
        let texts = ["", "local", "/flags/br/br.gif?x=\"y\"", "é\\\u{2028}\u{0}", "GET"]
        var record = ExchangeRecord(proxy: generator.element(of: texts))
        record.sequence = generator.next()
        record.time = Int64(generator.next() >> 4)
        record.connection = UInt32(truncatingIfNeeded: generator.next())
        record.exchange = UInt32(generator.next(below: 100))
        let hosts = ["127.0.0.1", "10.1.2.3", "fe80::1", "no address"]
        record.client = SocketAddress(
            host: generator.element(of: hosts), port: UInt16(generator.next(below: 65_536)))
        record.method = generator.element(of: texts)
        record.target = generator.element(of: texts)
        record.attempt = generator.next(below: 2) == 0 ? nil : UInt32(generator.next(below: 9))
        for _ in 0..<generator.next(below: 3) {
            let draw = Double(generator.next(below: 1_000_000)) / 1_000_000
            record.faults.append(
                generator.next(below: 2) == 0
                    ? SampleRecords.respond(503, draw: draw)
                    : SampleRecords.latency(generator.next() >> 30))
            record.faults[record.faults.count - 1].hasActed = generator.next(below: 2) == 0
        }
        let refusals: [ExchangeRecord.Refusal?] = [nil, .rate, .maxConcurrency, .maxConnections]
        record.refusal = generator.element(of: refusals)
        record.status = generator.element(of: [nil, 200, 418])
        record.bytesPromised = generator.element(of: [nil, 0, 11_415])
        record.bytesSent = generator.next(below: .max)
        (record.actualDelay, record.duration) = (generator.next(), generator.next() >> 20)
        record.queued = generator.next() >> 30
        record.isMangled = generator.next(below: 2) == 0
        record.inFlight = generator.next(below: 30_000)
        record.via = generator.element(of: [nil, "chaos"])
        record.ending = generator.element(of: [.keep, .clientRST, .backendFin])
        return record
    }

    private static func compare(_ line: String, _ record: ExchangeRecord) throws {
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
        let json = try #require(object as? [String: Any])
        func text(_ name: String) -> String? { json[name] as? String }
        func number(_ name: String) -> UInt64? { (json[name] as? NSNumber)?.uint64Value }
        #expect(number("seq") == record.sequence)
        #expect(text("t").flatMap(Timestamp.nanoseconds) == record.time / 1000 * 1000)
        #expect(text("proxy") == record.proxy)
        #expect(text("client") == record.client.map { "\($0)" })
        #expect(text("method") ?? "" == record.method && text("target") ?? "" == record.target)
        #expect(number("conn") == UInt64(record.connection))
        #expect(number("exchange") == UInt64(record.exchange))
        #expect(number("attempt") == record.attempt.map(UInt64.init))
        #expect(text("refused") == record.refusal?.rawValue)
        #expect(number("status") == record.status.map { UInt64($0.code) })
        #expect(number("bytes_promised") == record.bytesPromised.map(UInt64.init))
        #expect(number("bytes_sent") == UInt64(record.bytesSent))
        #expect(number("in_flight") == UInt64(record.inFlight) && number("seed") == 42)
        #expect(text("via") == record.via && text("end") == record.ending.rawValue)
        let faults = try #require(json["faults"] as? [[String: Any]])
        #expect(faults.map { $0["toxic"] as? String } == record.faults.map(\.toxic.name))
        #expect(faults.map { $0["acted"] as? Bool } == record.faults.map(\.hasActed))
        #expect(json["mangled"] as? Bool == record.isMangled)
        let times = [record.plannedDelay, record.actualDelay, record.queued, record.duration]
            .map(milliseconds)
        let members = zip(["delay_ms", "actual_delay_ms", "queued_ms", "duration_ms"], times)
        #expect(line.contains(members.map { ",\"\($0)\":\($1)" }.joined()))
    }

    private static func milliseconds(_ time: Nanoseconds) -> String {
        "\(time / 1_000_000).\(time / 100_000 % 10)"
    }
}
