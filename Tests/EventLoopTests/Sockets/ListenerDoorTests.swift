import Glibc
import Testing

@testable import EventLoop

/// Whom a listener lets in, with real sockets.
final class ListenerDoorTests {
    private let loop: EventLoop
    private let listener: Listener
    private var accepted: [Int32] = []
    private var clients: [Int32] = []

    init() throws {
        loop = try EventLoop()
        let any = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        listener = try Listener(any, limits: [], on: loop)
        listener.onAccept = { [unowned self] descriptor, _ in accepted.append(descriptor) }
    }

    deinit {
        for descriptor in accepted + clients { Glibc.close(descriptor) }
    }

    /// - Returns: the errno of connect, 0 if it is there; EINPROGRESS if nobody has answered.
    private func connect(to address: SocketAddress) -> Int32 {
        let family = address.family == .ipv4 ? AF_INET : AF_INET6
        let type = SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue
        let client = socket(family, Int32(type), 0)
        clients.append(client)
        let result = address.withSockaddr { Glibc.connect(client, $0, $1) }
        guard result != 0, errno == EINPROGRESS else { return result == 0 ? 0 : errno }
        // On loopback an answer is there before connect returns.
        var state = pollfd(fd: client, events: Int16(POLLOUT), revents: 0)
        guard poll(&state, 1, 0) > 0 else { return EINPROGRESS }
        var (error, size) = (Int32(0), socklen_t(MemoryLayout<Int32>.size))
        getsockopt(client, SOL_SOCKET, SO_ERROR, &error, &size)
        return error
    }

    private func connect() -> Int32 { connect(to: listener.address) }

    /// A few turns, in each of which something happens.
    private func accept() {
        let timer = Timer(on: loop) {}
        for _ in 0..<10 {
            timer.schedule(after: 0)
            loop.runOnce()
        }
    }

    @Test func `who refuses is not connected to, and listens again when it is to`() {
        #expect(connect() == 0)
        accept()
        listener.refuse()
        #expect(connect() == ECONNREFUSED)
        #expect(connect() == ECONNREFUSED)
        #expect(accepted.count == 1)
        // What is open goes on.
        var byte: UInt8 = 7
        #expect(send(clients[0], &byte, 1, 0) == 1)
        #expect(recv(accepted[0], &byte, 1, 0) == 1)
        listener.open()
        #expect(connect() == 0)
        accept()
        #expect(accepted.count == 2)
    }

    @Test(arguments: [true, false])
    func `nobody else can have the port meanwhile`(isReusing: Bool) {
        listener.refuse()
        let other = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        clients.append(other)
        var on: Int32 = isReusing ? 1 : 0
        setsockopt(other, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        let bound = listener.address.withSockaddr { bind(other, $0, $1) }
        #expect(bound != 0 && errno == EADDRINUSE)
        listener.open()
        #expect(connect() == 0)
    }

    @Test func `one that waits to be accepted is reset when nobody listens any more`() {
        #expect(connect() == 0)
        listener.refuse()
        var byte: UInt8 = 0
        #expect(recv(clients[0], &byte, 1, 0) < 0 && errno == ECONNRESET)
    }

    @Test(arguments: [0, 1, 3])
    func `one more than the backlog is connected, and nobody is accepted`(backlog: Int) {
        listener.stall(backlog: Int32(backlog))
        let results = (0..<backlog + 3).map { _ in connect() }
        #expect(results.prefix(backlog + 1).allSatisfy { $0 == 0 }, "\(results)")
        #expect(results.suffix(2).allSatisfy { $0 == EINPROGRESS }, "\(results)")
        accept()
        #expect(accepted.isEmpty)
        listener.open()
        accept()
        accept()
        #expect(accepted.count == backlog + 1)
    }

    @Test func `from each way to each other it does what the last one says`() {
        listener.stall(backlog: 0)
        listener.refuse()
        #expect(connect() == ECONNREFUSED)
        listener.stall(backlog: 0)
        #expect([connect(), connect()] == [0, EINPROGRESS])
        listener.refuse()
        listener.open()
        listener.open()
        #expect(connect() == 0)
        accept()
        #expect(accepted.count == 1)
        listener.close()
        listener.open()
        #expect(connect() == ECONNREFUSED)
    }

    @Test func `a place that becomes free lets nobody in through a closed door`() throws {
        let limit = ConnectionLimit(0)
        let any = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        let full = try Listener(any, limits: [limit], on: loop)
        var count = 0
        full.onAccept = { [unowned self] descriptor, _ in
            accepted.append(descriptor)
            count += 1
        }
        #expect(connect(to: full.address) == 0)
        accept()
        full.stall(backlog: 0)
        limit.maximum = 5
        accept()
        #expect(count == 0)
        full.open()
        accept()
        #expect(count == 1)
    }
}
