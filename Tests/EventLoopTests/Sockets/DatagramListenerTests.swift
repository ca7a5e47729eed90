import Glibc
import TestSupport
import Testing

@testable import EventLoop

/// Datagrams that are asked with and answered, with real sockets.
final class DatagramListenerTests {
    private let loop: EventLoop
    private let listener: DatagramListener
    private let client: Int32

    init() throws {
        loop = try EventLoop()
        let any = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        listener = try DatagramListener(any, on: loop)
        client = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
    }

    deinit { Glibc.close(client) }

    private func send(_ bytes: [UInt8]) {
        _ = listener.address.withSockaddr { sendto(client, bytes, bytes.count, 0, $0, $1) }
    }

    /// What has come, and from which port.
    private func receive() -> (bytes: [UInt8], port: UInt16)? {
        var bytes = [UInt8](repeating: 0, count: 8192)
        var count = 0
        let from = SocketAddress.ask {
            count = recvfrom(client, &bytes, bytes.count, 0, $0, $1)
            return count < 0 ? -1 : 0
        }
        return from.map { (Array(bytes.prefix(count)), $0.port) }
    }

    private func awaited(_ count: Int) -> [(bytes: [UInt8], port: UInt16)] {
        var all: [(bytes: [UInt8], port: UInt16)] = []
        _ = loop.run {
            while let next = self.receive() { all.append(next) }
            return all.count >= count
        }
        return all
    }

    @Test func `each datagram is answered to who sent it, more than fit into one call too`() {
        listener.onReceive = { [listener] bytes, isWhole, peer in
            #expect(isWhole)
            listener.gather(Array(bytes) + [9], to: peer)
        }
        for number in 0..<150 { send([UInt8(number)]) }
        let all = awaited(150)
        #expect(all.map(\.bytes) == (0..<150).map { [UInt8($0), 9] })
        #expect(all.allSatisfy { $0.port == listener.address.port })
    }

    @Test func `of a long one the beginning is there, and it is said`() {
        var found: [(count: Int, isWhole: Bool)] = []
        listener.onReceive = { bytes, isWhole, _ in found.append((bytes.count, isWhole)) }
        send([UInt8](repeating: 1, count: 4096))
        send([UInt8](repeating: 1, count: 4097))
        send([])
        #expect(loop.run { found.count == 3 })
        #expect(found.map(\.count) == [4096, 4096, 0])
        #expect(found.map(\.isWhole) == [true, false, true])
    }

    @Test func `from elsewhere it comes from another port`() {
        listener.onReceive = { [listener] bytes, _, peer in
            listener.sendFromElsewhere(Array(bytes), to: peer)
            listener.send([2], to: peer)
        }
        send([1])
        let all = awaited(2)
        #expect(Set(all.map(\.bytes)) == [[1], [2]])
        #expect(all.first { $0.bytes == [1] }?.port != listener.address.port)
    }

    @Test func `what cannot be sent is said, and the others are sent`() throws {
        var heard: [String] = []
        var sent: [Bool] = []
        listener.onTrouble = { heard.append("\($0)") }
        let nobody = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        listener.onReceive = { [listener] bytes, _, peer in
            for to in [nobody, peer, nobody] { sent.append(listener.send(Array(bytes), to: to)) }
        }
        let reason = "sendmmsg on \(listener.address): Invalid argument"
        for number in 1...2 { send([UInt8(number)]) }
        #expect(awaited(2).map(\.bytes) == [[1], [2]])
        #expect(sent == [false, true, false, false, true, false])
        #expect(!listener.sendFromElsewhere([2], to: nobody))
        #expect(heard == .init(repeating: reason, count: 5))
    }

    @Test func `of what is gathered it is known which ones the kernel took`() throws {
        var (heard, sent) = (0, [Bool]())
        listener.onTrouble = { _ in heard += 1 }
        listener.onGathered = { sent.append($0) }
        let nobody = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        listener.onReceive = { [listener] bytes, _, peer in
            for to in [nobody, peer, peer, nobody, nobody, peer] {
                listener.gather(Array(bytes), to: to)
            }
            #expect(sent.isEmpty, "they go together")
        }
        for number in 1...2 { send([UInt8(number)]) }
        #expect(awaited(6).map(\.bytes) == [[1], [1], [1], [2], [2], [2]])
        let once = [false, true, true, false, false, true]
        #expect(sent == once + once && heard == 1)
        sent = []
        listener.onReceive = { [listener] bytes, _, peer in
            listener.gather(Array(bytes), to: nobody)
            #expect(sent == [false], "who comes alone has it at once")
        }
        send([3])
        #expect(loop.run { heard == 2 })
    }

    @Test func `who is answered alone does not overtake those that are gathered`() {
        var sent: [Bool] = []
        listener.onGathered = { sent.append($0) }
        listener.onReceive = { [listener] bytes, _, peer in
            if bytes[0] < 3 { return listener.gather(Array(bytes), to: peer) }
            listener.send(Array(bytes), to: peer)
            #expect(sent == [true, true])
        }
        for number in 1...3 { send([UInt8(number)]) }
        #expect(awaited(3).map(\.bytes) == [[1], [2], [3]])
    }

    @Test func `what is too long, or comes too late, is lost, and the order stays`() {
        var sent: [Bool] = []
        listener.onGathered = { sent.append($0) }
        listener.onReceive = { [listener] bytes, _, peer in
            listener.gather(Array(bytes), to: peer)
            listener.gather([UInt8](repeating: 1, count: 4097), to: peer)
            guard bytes[0] == 2 else { return }
            listener.gather([9], to: peer)
            listener.close()
            listener.gather([10], to: peer)
        }
        for number in 1...2 { send([UInt8(number)]) }
        #expect(awaited(3).map(\.bytes) == [[1], [2], [9]])
        #expect(sent == [true, false, true, false, true, false])
    }

    @Test func `a port is one's own, and free again when it is closed`() throws {
        #expect(throws: EventLoopError.self) { try DatagramListener(listener.address, on: loop) }
        listener.close()
        #expect(throws: Never.self) { try DatagramListener(listener.address, on: loop) }
        listener.send([1], to: listener.address)
    }
}
