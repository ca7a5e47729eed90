import Glibc
import Testing

@testable import EventLoop

/// In which turn of the loop connections are taken, with real sockets.
struct ListenerTests {
    private static func client(of listener: Listener) throws -> Int32 {
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        try #require(listener.address.withSockaddr { connect(client, $0, $1) } == 0)
        return client
    }

    /// Returns when it has arrived: on a busy machine what comes later may overtake it.
    private static func sendEnd(_ client: Int32) {
        shutdown(client, Int32(SHUT_WR))
        let acknowledged: UInt8 = 5  // FIN_WAIT2, in tcpi_state
        for _ in 0..<1_000_000 {
            var info = [UInt8](repeating: 0, count: 256)
            var length = socklen_t(info.count)
            getsockopt(client, Int32(IPPROTO_TCP), TCP_INFO, &info, &length)
            if info[0] == acknowledged { return }
            sched_yield()
        }
    }

    @Test func `a burst is taken within a few turns of the loop, 64 in one at most`() throws {
        let loop = try EventLoop()
        let any = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        let listener = try Listener(any, limits: [], on: loop)
        var accepted: [Int32] = []
        var (share, largest) = (0, 0)
        listener.onAccept = { descriptor, _ in
            accepted.append(descriptor)
            share += 1
            largest = max(largest, share)
            loop.afterCallback { share = 0 }
        }
        let clients = try (0..<150).map { _ in try Self.client(of: listener) }
        defer { (clients + accepted).forEach { Glibc.close($0) } }
        for _ in 0..<10 { loop.runOnce() }
        #expect(accepted.count == 150)
        #expect(largest == 64)
    }

    @Test func `who ends a connection and begins another is never seen with two`() throws {
        let loop = try EventLoop()
        let any = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        let listener = try Listener(any, limits: [], on: loop)
        let recorder = Recorder()
        var open: [Connection] = []
        var (peak, rounds) = (0, 0)
        var next: Timer?
        listener.onAccept = { descriptor, _ in
            let connection = Connection(descriptor: descriptor, on: loop)
            connection.start(recorder)
            open.append(connection)
            peak = max(peak, open.count - recorder.events.count { $0 == .end })
            guard open.count == 8 * (rounds + 1) else { return }
            if rounds < 20 { next?.schedule(after: 0) } else { loop.stop() }
        }
        var clients = try (0..<8).map { _ in try Self.client(of: listener) }
        defer { clients.forEach { Glibc.close($0) } }
        // Within the loop: one that is stopped and runs again does not finish its turn.
        next = Timer(on: loop) {
            rounds += 1
            clients = clients.compactMap { client in
                defer { Glibc.close(client) }
                Self.sendEnd(client)
                return try? Self.client(of: listener)
            }
        }
        try loop.run()
        #expect(rounds == 20 && peak == 8)
    }
}
