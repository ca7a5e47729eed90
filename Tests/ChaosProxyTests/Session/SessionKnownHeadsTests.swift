import EventLoop
import Records
import TestSupport
import Testing

@testable import ChaosProxy
@testable import HTTPWire

/// Requests that have come before in the same words.
struct SessionKnownHeadsTests {
    private static func head(_ target: String) -> String {
        "GET \(target) HTTP/1.1\r\nHost: x\r\n\r\n"
    }

    /// Two targets whose heads are kept in the same place.
    private static func rivals() throws -> (String, String) {
        func place(_ target: String) -> UInt64 {
            let bytes = Array(head(target).utf8)
            return bytes.withUnsafeBytes { $0.wordHash } % UInt64(KnownHeads.places)
        }
        let wanted = place("/a?0")
        let other = try #require((1..<100_000).first { place("/a?\($0)") == wanted })
        return ("/a?0", "/a?\(other)")
    }

    private final class Visitor {
        var session: SiteSession<FakeStream>?
        var hasLeave = false

        /// Sends while another request is being answered.
        func visit(_ target: String) {
            guard hasLeave else { return }
            hasLeave = false
            for _ in 0..<4 {
                Array(SessionKnownHeadsTests.head(target).utf8).withUnsafeBytes {
                    session?.received($0)
                }
            }
        }
    }

    @Test func `each is answered and recorded as the first one, whatever comes meanwhile`() throws {
        let (one, two) = try Self.rivals()
        let visitor = Visitor()
        let client = SessionHarness(site: { request in
            visitor.visit(two)
            return TestSite.answer(request)
        })
        let (stream, session) = SessionHarness.connect(to: client.proxy)
        visitor.session = session
        for _ in 0..<5 { client.get(one) }
        visitor.hasLeave = true
        client.get(one)
        #expect(try client.bodies() == Array(repeating: one, count: 6))
        let visits = try ParsedAnswer.all(stream.take())
        #expect(visits.map(\.body) == Array(repeating: two, count: 4))
        let records = client.records.filter { $0.connection == 1 }
        #expect(records.map(\.target) == Array(repeating: one, count: 6))
        #expect(client.records.count == 10)
    }

    @Test func `what a request leaves behind is not changed by the next`() throws {
        let client = SessionHarness([.latency(5)])
        for _ in 0..<5 { client.send(Self.head("/a") + Self.head("/b")) }
        client.advance(to: 1000)
        #expect(try client.bodies() == Array(repeating: ["/a", "/b"], count: 5).flatMap(\.self))
        #expect(
            client.records.map(\.target) == client.records.indices.map { ["/a", "/b"][$0 % 2] })
    }
}
