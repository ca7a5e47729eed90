import Faults
import HTTPWire
import TestSupport
import Testing

@testable import ChaosProxy

/// Answers of ours that met a fault say so.
struct ServerTimingTests {
    private static let name = "Server-Timing"

    private func timing(_ toxics: [Toxic], _ request: String, tells: Bool = true) throws -> String?
    {
        let client = SessionHarness(toxics, tellsFaults: tells)
        client.send(request)
        client.advance(to: 1000 * .second)
        let answers = try client.answers(heads: request.hasPrefix("HEAD") ? [0] : [])
        #expect(answers.count == 1)
        return answers.first?[Self.name]
    }

    private static let requests = [
        "GET /a HTTP/1.1\r\nHost: x\r\n\r\n", "GET /made HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /large HTTP/1.1\r\nHost: x\r\n\r\n", "HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /none HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "GET /a HTTP/1.0\r\n\r\n",
        "GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx",
    ]

    @Test(arguments: requests)
    func `whatever the answer is made of, its faults are told`(request: String) throws {
        let latency = Toxic.latency(1_299_999)
        #expect(try timing([latency], request) == "latency_downstream;dur=1.2")
        #expect(try timing([.respond((418, 1))], request) == #"respond_upstream;desc="418""#)
        let slicer = Toxic(
            .slicer(Slicer(averageSize: 10, sizeVariation: 0, delay: 1)), stream: .downstream)
        #expect(try timing([slicer], request) == #"slicer_downstream;desc="slicer""#)
        #expect(
            try timing([.respond((503, 1)), latency, slicer], request)
                == #"respond_upstream;desc="503", latency_downstream;dur=1.2, "#
                + #"slicer_downstream;desc="slicer""#)
    }

    @Test(arguments: requests)
    func `nothing is told without a fault, or where it is not wanted`(request: String) throws {
        #expect(try timing([], request) == nil)
        let never = Toxic.respond((503, 1), toxicity: .random(.never))
        #expect(try timing([never], request) == nil)
        #expect(try timing([.latency(1000)], request, tells: false) == nil)
    }

    @Test func `who wants no records is told all the same`() throws {
        let client = SessionHarness([.latency(0)], wantsRecords: false, tellsFaults: true)
        client.get("/a")
        #expect(try client.answers().first?[Self.name] == "latency_downstream;dur=0.0")
    }

    @Test(
        arguments: [
            (0, "0.0"), (99_999, "0.0"), (100_000, "0.1"), (500_000_000, "500.0"),
            (3_600_000_000_000, "3600000.0"),
        ] as [(UInt64, String)])
    func `times are milliseconds, rounded down`(delay: UInt64, text: String) throws {
        let client = SessionHarness([.latency(delay)], tellsFaults: true)
        client.get("/a")
        client.advance(to: delay)
        #expect(try client.answers().first?[Self.name] == "latency_downstream;dur=\(text)")
    }

    @Test(arguments: [
        ("a b", "a_b"), ("a\r\nX: y", "a__X__y"), ("é", "__"), ("a\"b,c;d", "a_b_c_d"),
        (String(repeating: "n", count: 100), String(repeating: "n", count: 64)),
    ])
    func `a toxic's name becomes a token`(name: String, token: String) throws {
        let toxic = Toxic(.latency(Latency(latency: 0, jitter: 0)), stream: .downstream, name: name)
        let client = SessionHarness([toxic], tellsFaults: true)
        client.get("/a")
        #expect(try client.answers().first?[Self.name] == "\(token);dur=0.0")
    }

    @Test func `the field is no part of the body that was sent`() throws {
        for target in ["/a", "/made", "/large", "/parts"] {
            let plain = SessionHarness([.latency(5)])
            let telling = SessionHarness([.latency(5)], tellsFaults: true)
            for client in [plain, telling] {
                client.get(target)
                client.advance(to: 5)
            }
            let (first, second) = (plain.records[0], telling.records[0])
            #expect(first.bytesSent == second.bytesSent && first.bytesSent > 0)
            #expect(second.bytesPromised == second.bytesSent)
            #expect(try plain.answers()[0].body == (try telling.answers()[0].body))
        }
    }

    @Test func `a cut in the body is counted behind the longer head`() throws {
        for limit in [10, 200, 250, 99_000] {
            let toxic = Toxic(.limitData(LimitData(bytes: Int64(limit))), stream: .downstream)
            let client = SessionHarness([toxic], tellsFaults: true)
            client.get("/large")
            let text = client.stream.take()
            #expect(text.utf8.count == limit)
            let record = try #require(client.records.first)
            let head = text.range(of: "\r\n\r\n")
            let body = head.map { text[$0.upperBound...].utf8.count } ?? 0
            #expect(record.bytesSent == body, "at \(limit)")
            #expect(record.status == (head == nil ? nil : 200))
            #expect(record.bytesPromised == 100_000 && record.ending == .fin)
        }
    }

    // MARK: Before a backend

    @Test func `answers that a fault gives before a backend tell it, the backend's do not`() throws
    {
        var match = Match()
        match.path = "/x"
        let respond = Respond(statuses: [(status: 503, weight: 1)], retryAfter: nil)
        let toxics = [
            Toxic(.respond(respond), stream: .upstream, match: match), Toxic.latency(2_000_000),
        ]
        for tells in [true, false] {
            let harness = try RelayHarness(.http, toxics, wantsRecords: false, tellsFaults: tells)
            harness.get("/x", "/a")
            harness.answer("a")
            harness.advance(to: .second)
            let answers = try ParsedAnswer.all(harness.toClient())
            #expect(answers.map(\.status) == [503, 200])
            let told = #"respond_upstream;desc="503", latency_downstream;dur=2.0"#
            #expect(answers.map { $0[Self.name] } == [tells ? told : nil, nil])
            harness.expectNothingLeft()
        }
    }
}

extension String {
    /// Where `text` begins and ends for the first time.
    fileprivate func range(of text: String) -> Range<Index>? {
        indices.first { self[$0...].hasPrefix(text) }.map {
            $0..<index($0, offsetBy: text.count)
        }
    }
}
