import Faults
import Testing

@testable import ChaosProxy

/// There are thousands of idle connections, so each of these bytes is there thousands of times.
@Suite struct SessionSizeTests {
    /// Its bytes with what Swift has before them: `InstanceSize` in the metadata of its class
    /// (Swift's docs/ABI/TypeMetadata.rst), as the language does not tell it.
    private static func size(of object: AnyObject) -> Int {
        let metadata = unsafeBitCast(type(of: object) as AnyClass, to: UnsafeRawPointer.self)
        return Int(metadata.load(fromByteOffset: 24, as: UInt32.self))
    }

    @Test func `a session before a site takes 88 bytes`() {
        // The allocator adds eight, and gives multiples of 16.
        #expect(Self.size(of: SessionHarness().session) <= 88)
    }

    @Test func `a session with a backend takes 136 bytes, and 248 for messages`() throws {
        #expect(Self.size(of: try RelayHarness(.tcp).session) <= 136)
        let http = try RelayHarness(.http).session
        #expect(Self.size(of: http) <= 136)
        #expect(Self.size(of: try #require(http.messages)) <= 248)
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
