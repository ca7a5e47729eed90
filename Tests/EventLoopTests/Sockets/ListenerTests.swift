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

    @Test func `a burst is taken within a few turns of the loop`() throws {
        let loop = try EventLoop()
        let any = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        let listener = try Listener(any, limits: [], on: loop)
        var accepted: [Int32] = []
        listener.onAccept = { descriptor, _ in accepted.append(descriptor) }
        let clients = try (0..<150).map { _ in try Self.client(of: listener) }
        defer { (clients + accepted).forEach { Glibc.close($0) } }
        for _ in 0..<4 { loop.runOnce() }
        #expect(accepted.count == 150)
    }

    @Test func `who ends a connection and begins another is never seen with two`() throws {
        let loop = try EventLoop()
        let any = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        let listener = try Listener(any, limits: [], on: loop)
        let recorder = Recorder()
        var open: [Connection] = []
        var peak = 0
        listener.onAccept = { descriptor, _ in
            let connection = Connection(descriptor: descriptor, on: loop)
            connection.start(recorder)
            open.append(connection)
            peak = max(peak, open.count - recorder.events.count { $0 == .end })
        }
        var clients = try (0..<8).map { _ in try Self.client(of: listener) }
        defer { clients.forEach { Glibc.close($0) } }
        loop.run(until: "the first eight") { open.count == 8 }
        for round in 1...20 {
            clients = try clients.map { client in
                Glibc.close(client)
                return try Self.client(of: listener)
            }
            loop.run(until: "round \(round)") { open.count == 8 * (round + 1) }
        }
        #expect(peak == 8)
    }
}
