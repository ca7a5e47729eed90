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

    /// So many that few free pieces of other sizes are left for them.
    private static let several = 256

    /// The least of several: where a few bytes would be left over, an object gets these, too.
    private static func least(_ objects: [AnyObject]) -> Int? { objects.map(size).min() }

    @Test func `a session before a site takes 88 bytes`() {
        let harnesses = (0..<Self.several).map { _ in SessionHarness() }
        #expect(Self.least(harnesses.map(\.session)) == 88)
    }

    @Test func `a session with a backend takes 136 bytes, and 256 where it reads messages`() throws
    {
        let tcp = try (0..<Self.several).map { _ in try RelayHarness(.tcp) }
        #expect(Self.least(tcp.map(\.session)) == 136)
        let http = try (0..<Self.several).map { _ in try RelayHarness(.http) }
        #expect(Self.least(http.map(\.session)) == 136)
        #expect(Self.least(try http.map { try #require($0.session.messages) }) ?? 0 <= 256)
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
