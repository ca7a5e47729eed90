import Glibc
import Testing

@testable import EventLoop

/// `closeWhenAcknowledged`, and how much a connection says that it has lost.
struct AcknowledgedCloseTests {
    private final class Losses: ConnectionHandler {
        private(set) var lost: [Int] = []
        private(set) var endings: [ConnectionEnding] = []

        override func lost(_ count: Int, untaken: Int) {
            #expect(endings.isEmpty, "the loss is told before the end")
            lost.append(count)
        }

        override func closed(_ ending: ConnectionEnding) {
            endings.append(ending)
        }
    }

    private func connection(
        _ loop: EventLoop
    ) throws -> (pair: LoopbackPair, connection: Connection, losses: Losses) {
        let pair = try LoopbackPair()
        let (connection, losses) = (Connection(descriptor: pair.near, on: loop), Losses())
        connection.start(losses)
        return (pair, connection, losses)
    }

    @Test func `what is acknowledged ends with a FIN and has lost nothing`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let (pair, connection, losses) = try connection(loop)
        connection.write("last words")
        connection.closeWhenAcknowledged()
        connection.write("too late")
        loop.run(until: "the end") { !losses.endings.isEmpty }
        #expect(losses.endings == [.fin] && losses.lost.isEmpty)
        #expect(try pair.receiveAll() == "last words")
        pair.closeFar()
    }

    @Test func `nothing to send ends with a FIN at once`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let (pair, connection, losses) = try connection(loop)
        connection.closeWhenAcknowledged()
        #expect(!connection.isOpen)
        loop.runOnce()
        #expect(losses.endings == [.fin] && losses.lost.isEmpty)
        #expect(try pair.receiveAll() == "")
        pair.closeFar()
    }

    @Test func `a peer that has gone resets, and what it did not get is lost`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let (pair, connection, losses) = try connection(loop)
        pair.closeFar()
        loop.runOnce()
        connection.write("nobody")
        connection.closeWhenAcknowledged()
        loop.run(until: "the end") { !losses.endings.isEmpty }
        #expect(losses.endings == [.peerReset])
        #expect(losses.lost == [6])
    }

    @Test func `what is queued is lost as well`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let (pair, connection, losses) = try connection(loop)
        let bytes = [UInt8](repeating: 0x61, count: 4 << 20)
        bytes.withUnsafeBytes { connection.write($0) }
        #expect(connection.queuedBytes > 0)
        let missing = connection.queuedBytes + connection.unacknowledgedBytes
        #expect(missing <= bytes.count)
        connection.closeWhenAcknowledged()
        #expect(connection.isOpen)
        pair.resetFar()
        loop.run(until: "the end") { !losses.endings.isEmpty }
        #expect(losses.endings == [.peerReset])
        let lost = try #require(losses.lost.first)
        #expect(losses.lost.count == 1 && lost > 0 && lost <= missing)
    }

    @Test func `a reset of our own loses what is under way, a close does not`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let bytes = [UInt8](repeating: 0x61, count: 4 << 20)
        let (pair, connection, losses) = try connection(loop)
        bytes.withUnsafeBytes { connection.write($0) }
        let missing = connection.queuedBytes + connection.unacknowledgedBytes
        connection.reset()
        loop.runOnce()
        #expect(losses.endings == [.rst] && losses.lost == [missing])
        pair.closeFar()
        let (other, second, none) = try self.connection(loop)
        second.write("taken")
        second.close(lingering: false)
        loop.runOnce()
        #expect(none.endings == [.fin] && none.lost.isEmpty)
        #expect(try other.receiveAll() == "taken")
        other.closeFar()
    }

    @Test func `a higher limit lets those in that wait in the kernel's queue`() throws {
        let loop = try EventLoop()
        let any = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        let limit = ConnectionLimit(1)
        let listener = try Listener(any, limits: [limit], on: loop)
        var accepted: [Int32] = []
        listener.onAccept = { descriptor, _ in accepted.append(descriptor) }
        let clients = (0..<4).map { _ in socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) }
        for client in clients {
            #expect(listener.address.withSockaddr { connect(client, $0, $1) } == 0)
        }
        loop.run(until: "the first") { accepted.count == 1 }
        for _ in 0..<10 { loop.runOnce() }
        #expect(accepted.count == 1)
        limit.maximum = 3
        loop.run(until: "two more") { accepted.count == 3 }
        for _ in 0..<10 { loop.runOnce() }
        #expect(accepted.count == 3 && limit.count == 3)
        limit.maximum = 1
        limit.leave()
        for _ in 0..<10 { loop.runOnce() }
        #expect(accepted.count == 3, "a lower limit holds for new ones")
        limit.maximum = .max
        loop.run(until: "the last") { accepted.count == 4 }
        listener.close()
        for descriptor in accepted + clients { Glibc.close(descriptor) }
    }
}
