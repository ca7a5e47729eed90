import Faults
import Testing

@testable import ChaosProxy

/// There are thousands of idle connections, so each of these bytes is there thousands of times.
@Suite struct SessionSizeTests {
    /// Its bytes with what Swift has before them: `InstanceSize` in the metadata of its class
    /// (Swift's docs/ABI/TypeMetadata.rst), as the language does not tell it.
    private static func size(of object: AnyObject) -> Int { size(ofType: type(of: object)) }

    private static func size(ofType type: AnyClass) -> Int {
        let metadata = unsafeBitCast(type, to: UnsafeRawPointer.self)
        return Int(metadata.load(fromByteOffset: 24, as: UInt32.self))
    }

    @Test func `a session before a site takes 72 bytes`() {
        // The allocator adds eight, and gives multiples of 16.
        #expect(Self.size(of: SessionHarness().session) <= 72)
    }

    @Test func `a session with a backend takes 120 bytes, and 248 for messages`() throws {
        #expect(Self.size(of: try RelayHarness(.tcp).session) <= 120)
        let http = try RelayHarness(.http).session
        #expect(Self.size(of: http) <= 120)
        #expect(Self.size(of: try #require(http.messages)) <= 248)
    }

    @Test func `an exchange takes 248 bytes`() {
        #expect(Self.size(ofType: Exchange.self) <= 248)
    }

    @Test func `a session that has had a request in pieces is as small as before`() throws {
        let harness = SessionHarness()
        harness.send("GET /a HTTP/1.1\r\n")
        #expect(harness.session.incoming != nil)
        harness.send("Host: x\r\n\r\n")
        #expect(harness.session.incoming == nil)
        #expect(harness.session.extra == nil)
    }

    @Test func `what few sessions have is made for these few`() throws {
        let harness = SessionHarness([.latency(1)])
        harness.get("/a")
        #expect(harness.session.connectionFaults == nil)
        let slow = SessionHarness([Toxic(.slowClose(SlowClose(delay: 1)), stream: .downstream)])
        slow.get("/a")
        #expect(slow.session.connectionFaults?.toClient.delay == 1)
    }
}
