import Faults
import Glibc
import Testing

@testable import ChaosProxy

/// There are thousands of idle connections, so each of these bytes is there thousands of times.
@Suite struct SessionSizeTests {
    /// What the allocator gives it: malloc_usable_size(3), which Glibc's module does not have.
    private static func size(of object: AnyObject) -> Int {
        typealias Ask = @convention(c) (UnsafeMutableRawPointer) -> Int
        let ask = unsafeBitCast(dlsym(nil, "malloc_usable_size"), to: Ask.self)
        return ask(Unmanaged.passUnretained(object).toOpaque())
    }

    @Test func `a session before a site takes 88 bytes`() {
        #expect(Self.size(of: SessionHarness().session) == 88)
    }

    @Test func `a session with a backend takes 136 bytes, and 256 where it reads messages`() throws
    {
        #expect(Self.size(of: try RelayHarness(.tcp).session) == 136)
        let session = try RelayHarness(.http).session
        #expect(Self.size(of: session) == 136)
        #expect(Self.size(of: try #require(session.messages)) <= 256)
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
