import EventLoop
import Faults
import HTTPWire
import TestSupport
import Testing

@testable import ChaosProxy

/// What `respond` answers with fields and a body of its own.
struct FaultAnswersTests {
    private static func toxic(_ fields: [ToxicField]) throws -> Toxic {
        try ToxicReading([ToxicField("type", .text("respond"))] + fields, as: .file).toxic()
    }

    private static func headers(_ fields: [(String, String)]) -> ToxicField {
        ToxicField("headers", .mapping(fields.map { ToxicField($0.0, .text($0.1)) }))
    }

    private func answer(
        _ fields: [ToxicField], _ request: String = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
    ) throws -> String {
        let client = SessionHarness([try Self.toxic(fields)])
        client.send(request)
        client.advance(to: 0)
        return client.stream.take()
    }

    @Test func `its fields stand behind the usual ones, or take their place`() throws {
        let text = try answer([
            ToxicField("status", .text("429")),
            Self.headers([
                ("X-RateLimit-Remaining", "0"), ("content-type", "application/json"),
                ("Retry-After", "9"),
            ]),
            ToxicField("body", .text("{\"error\":\"slow down\"}")),
        ])
        let lines = text.split(separator: "\r\n" as Character, omittingEmptySubsequences: false)
            .map(String.init)
        #expect(lines.first == "HTTP/1.1 429 Too Many Requests")
        #expect(lines.contains("X-RateLimit-Remaining: 0"))
        #expect(lines.contains("content-type: application/json"))
        #expect(lines.contains("Content-Length: 21"))
        #expect(lines.contains("Cache-Control: no-store"))
        #expect(lines.filter { $0.lowercased().hasPrefix("content-type:") }.count == 1)
        #expect(lines.filter { $0.hasPrefix("Retry-After:") } == ["Retry-After: 9"])
        #expect(lines.last == "{\"error\":\"slow down\"}")
    }

    @Test(arguments: ["204", "304"])
    func `an answer without a body has none`(status: String) throws {
        let text = try answer([
            ToxicField("status", .text(status)), ToxicField("body", .text("body")),
        ])
        #expect(text.hasPrefix("HTTP/1.1 \(status)"))
        #expect(text.hasSuffix("\r\n\r\n"))
    }

    @Test func `HEAD gets the length alone`() throws {
        let text = try answer(
            [ToxicField("status", .text("503")), ToxicField("body", .text("12345"))],
            "HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(text.contains("Content-Length: 5\r\n"))
        #expect(text.hasSuffix("\r\n\r\n"))
    }

    @Test func `an empty body is one`() throws {
        let text = try answer([
            ToxicField("status", .text("503")), ToxicField("body", .text("")),
        ])
        #expect(text.contains("Content-Length: 0\r\n"))
        #expect(text.hasSuffix("\r\n\r\n"))
    }

    @Test func `answers are made once, and not kept without end`() throws {
        var answers = FaultAnswers(extraFields: [])
        func respond(_ body: String) throws -> Respond {
            let toxic = try Self.toxic([ToxicField("body", .text(body))])
            guard case .respond(let respond) = toxic.fault else { throw DialError("no respond") }
            return respond
        }
        func prepared(_ respond: Respond) -> PreparedResponse? {
            guard case .prepared(let answer) = answers.answer(503, of: respond) else { return nil }
            return answer
        }
        let first = try respond("a")
        let made = prepared(first)
        let isSame = prepared(first) === made
        #expect(isSame)
        // The same words, but another toxic: nothing is compared.
        let isOther = prepared(try respond("a")) !== made
        #expect(isOther)
        let long = String(repeating: "x", count: 65_536)
        for _ in 0..<40 { _ = prepared(try respond(long)) }
        #expect(answers.byteCount <= 1 << 20)
        let isMadeAgain = prepared(first) !== made
        #expect(isMadeAgain)
    }

    // MARK: Requests without a field

    @Test func `a toxic may be for requests that lack a field`() throws {
        let toxic = try Self.toxic([
            ToxicField("status", .text("401")),
            ToxicField(
                "match",
                .mapping([ToxicField("header", .mapping([ToxicField("authorization", .null)]))])),
        ])
        let client = SessionHarness([toxic])
        for fields in ["", "AUTHORIZATION: x\r\n", "Authorization:\r\n", "X-Authorization: a\r\n"] {
            client.send("GET /a HTTP/1.1\r\nHost: x\r\n\(fields)\r\n")
        }
        #expect(try client.answers().map(\.status) == [401, 200, 200, 401])
    }

    @Test func `such requests are counted by arrival`() throws {
        let toxic = try Self.toxic([
            ToxicField("status", .text("401")), ToxicField("exchanges", .text("2")),
            ToxicField("per", .text("match")),
            ToxicField("match", .mapping([ToxicField("header", .text("!x-test"))])),
        ])
        let client = SessionHarness([toxic])
        for (target, fields) in [("/a", ""), ("/b", "X-Test: 1\r\n"), ("/c", ""), ("/d", "")] {
            client.send("GET \(target) HTTP/1.1\r\nHost: x\r\n\(fields)\r\n")
        }
        #expect(try client.answers().map(\.status) == [200, 200, 401, 200])
    }
}
