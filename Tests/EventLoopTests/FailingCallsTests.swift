import Glibc
import Testing

@testable import EventLoop

/// What becomes of calls that fail for good: a file is put where they expect something else.
struct FailingCallsTests {
    private static func file() throws -> Int32 {
        let file = open("/dev/null", O_RDWR | O_CLOEXEC)
        try #require(file >= 0)
        return file
    }

    /// Puts another file under the number of a descriptor.
    private static func replace(_ descriptor: Int32, by path: String) throws {
        let other = open(path, O_RDONLY | O_CLOEXEC)
        defer { close(other) }
        try #require(dup2(other, descriptor) == descriptor)
    }

    // MARK: The loop

    @Test func `a timer that cannot be armed ends the loop with its reason`() throws {
        let loop = try EventLoop()
        try Self.replace(loop.timerFile, by: "/dev/null")
        let timer = Timer(on: loop) { Issue.record("a timer that was never armed") }
        try loop.check()
        timer.schedule(after: 1)
        for _ in 0..<2 {
            let error = #expect(throws: EventLoopError.self) { try loop.run() }
            #expect(error?.call == "timerfd_settime" && error?.errno == EINVAL)
        }
        #expect(throws: EventLoopError.self) { try loop.check() }
    }

    @Test func `it ends in the middle of its run, and the first reason is told`() throws {
        let loop = try EventLoop()
        let timer = Timer(on: loop) {
            loop.fail(EventLoopError("first", errno: EIO))
            loop.fail(EventLoopError("second", errno: EPERM))
        }
        timer.schedule(after: 0)
        let error = #expect(throws: EventLoopError.self) { try loop.run() }
        #expect(error?.call == "first")
        #expect(error?.lastWords == "error: cannot go on: first: Input/output error.\n")
    }

    @Test func `a stop is no failure`() throws {
        let loop = try EventLoop()
        loop.runOnce()
        try loop.check()
    }

    // MARK: Listeners

    private func listener(
        _ loop: EventLoop, _ limits: [ConnectionLimit] = []
    ) throws -> Listener {
        let any = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        return try Listener(any, limits: limits, on: loop)
    }

    private func client(of listener: Listener) throws -> Int32 {
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        try #require(listener.address.withSockaddr { connect(client, $0, $1) } == 0)
        return client
    }

    @Test func `accepting that fails for good is told, and goes on when it is over`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let listener = try listener(loop)
        var troubles: [EventLoopError] = []
        var accepted: [Int32] = []
        listener.onTrouble = { troubles.append($0) }
        listener.onAccept = { descriptor, _ in accepted.append(descriptor) }
        // It listens no more, and the loop is told of that at every turn.
        #expect(shutdown(listener.descriptor, Int32(SHUT_RD)) == 0)
        loop.run(until: "the trouble") { troubles.count == 2 }
        #expect(troubles[0].description == "accept on \(listener.address): Invalid argument")
        #expect(listen(listener.descriptor, 16) == 0)
        let client = try client(of: listener)
        defer { (accepted + [client]).forEach { close($0) } }
        loop.run(until: "the client") { accepted.count == 1 }
    }

    @Test func `one that cannot be watched any more is told, and tried again`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let limit = ConnectionLimit(0)
        let listener = try listener(loop, [limit])
        var troubles: [EventLoopError] = []
        listener.onTrouble = { troubles.append($0) }
        let client = try client(of: listener)
        defer { close(client) }
        // It waits for a place.
        for _ in 0..<3 { loop.runOnce() }
        try Self.replace(listener.descriptor, by: "/dev/null")
        limit.maximum = 1
        #expect(troubles.map(\.errno) == [EPERM])
        loop.run(until: "the next trial") { troubles.count == 2 }
        #expect(
            troubles[1].description == "epoll_ctl for \(listener.address): Operation not permitted")
    }

    // MARK: Connections

    @Test func `a connection that cannot be watched ends with the reason`() throws {
        let loop = try EventLoop()
        let recorder = Recorder()
        let connection = Connection(descriptor: try Self.file(), on: loop)
        connection.start(recorder)
        loop.runOnce()
        #expect(!connection.isOpen)
        #expect(recorder.events == [.closed(.failed(EPERM))])
    }

    @Test func `a reset that cannot be sent is no reset`() throws {
        let loop = try EventLoop()
        let recorder = Recorder()
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        defer { close(ends[1]) }
        let connection = Connection(descriptor: ends[0], on: loop)
        connection.start(recorder)
        connection.reset()
        loop.runOnce()
        #expect(recorder.events == [.closed(.failed(ENOTSOCK))])
    }

    @Test func `a pipe that gives nothing says so`() {
        let pipe = SplicePipe()
        #expect(pipe.open(large: false))
        #expect(OutputSegment.filled(4, BufferPool(), by: pipe.read) == nil)
    }
}
