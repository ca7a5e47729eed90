import Testing

@testable import Faults

/// What comes on a connection besides the one answer.
struct ReuseScriptTests {
    private let honest =
        "HTTP/1.1 200 OK\r\nContent-Type: image/gif\r\nETag: \"honest\"\r\n"
        + "Content-Length: 100\r\n\r\n" + FakeSite().body.text
    private let other =
        "HTTP/1.1 200 OK\r\nContent-Type: image/gif\r\nContent-Length: 26\r\n\r\n"
        + FakeSite().otherBody.text

    private func trace(_ name: String) throws -> ScriptTrace {
        ScriptTrace(try ScriptCatalogueTests.script(name))
    }

    @Test func `unsolicited-glued has two complete answers in one piece`() throws {
        let trace = try trace("unsolicited-glued")
        #expect(trace.bytes.text == honest + other)
        #expect(trace.last == .init(at: 0, event: .end))
    }

    @Test func `unsolicited-idle sends another answer 100 ms later`() throws {
        for variant in ["other", "timeout", "bad-request"] {
            let pieces = try trace("unsolicited-idle.\(variant)").steps.compactMap { step in
                if case .bytes(let bytes) = step.event { (step.at, bytes.text) } else { nil }
            }
            #expect(pieces.map(\.0) == [0, 100_000_000])
            #expect(pieces.first?.1 == honest)
            #expect(variant != "other" || pieces.last?.1 == other)
        }
    }

    @Test func `cancelled-reuse sends the rest three seconds later`() throws {
        let trace = try trace("cancelled-reuse")
        #expect(trace.bytes.text == honest)
        #expect(trace.last == .init(at: 3_000_000_000, event: .end))
    }

    @Test func `speaks-first greets before the request`() throws {
        let trace = try trace("speaks-first")
        #expect(trace.beginning == .accept)
        #expect(
            trace.steps.map(\.event) == [
                .bytes(Array("SSH-2.0-OpenSSH_9.6\r\n".utf8)), .request,
                .bytes(Array("Invalid SSH identification string.\r\n".utf8)), .fin,
            ])
    }

    @Test func `version-wrong answers the second request in another version`() throws {
        let trace = try trace("version-wrong.reused")
        let second = honest.replacing("HTTP/1.1 200 OK", with: "HTTP/2 200")
        #expect(trace.steps.map(\.event).contains(.request))
        #expect(trace.bytes.text == honest + second)
    }

    @Test func `extra-bytes sends more than it promises, and goes on`() throws {
        let trace = try trace("extra-bytes")
        #expect(trace.bytes.text == honest + String(repeating: "x", count: 100))
        #expect(trace.last?.event == .end)
    }

    @Test func `early-response begins with the head of the request`() throws {
        let trace = try trace("early-response")
        #expect(trace.beginning == .head)
        #expect(trace.bytes.text.hasPrefix("HTTP/1.1 413 Content Too Large\r\n"))
    }

    @Test func `half-close ends our side behind the answer`() throws {
        let trace = try trace("half-close")
        #expect(trace.bytes.text == honest)
        #expect(
            trace.steps.suffix(2) == [
                .init(at: 0, event: .half), .init(at: 5_000_000_000, event: .fin),
            ])
    }
}
