import Glibc
import Testing

@testable import EventLoop

/// What the kernel tells of a peer that has sent its FIN, with real sockets.
struct PeerSocketTests {
    /// Both ends of a connection over a loopback address; the near one belongs to a loop.
    private final class Pair {
        let loop: EventLoop
        private(set) var accepted: Int32 = -1
        private(set) var peer: SocketAddress?
        private(set) var near: Connection?
        let recorder = Recorder()
        private(set) var far: Int32
        let farAddress: SocketAddress?

        init(_ host: String) throws {
            let loop = try EventLoop()
            self.loop = loop
            let any = try #require(SocketAddress(host: host, port: 0))
            let listener = try Listener(any, limits: [], on: loop)
            let family = any.family == .ipv4 ? AF_INET : AF_INET6
            let far = socket(family, Int32(SOCK_STREAM.rawValue), 0)
            self.far = far
            let isConnected = listener.address.withSockaddr { connect(far, $0, $1) } == 0
            try #require(isConnected)
            farAddress = SocketAddress.ask { getsockname(far, $0, $1) }
            listener.onAccept = { [unowned self] in (accepted, peer) = ($0, $1) }
            loop.run(until: "the client") { accepted >= 0 }
            listener.close()
            let near = Connection(descriptor: accepted, on: loop)
            self.near = near
            near.start(recorder)
        }

        deinit { closeFar() }

        /// Once only: its number may be another test's by then.
        func closeFar() {
            if far >= 0 { Glibc.close(far) }
            far = -1
        }

        func end() {
            near = nil
            loop.runOnce()
        }
    }

    @Test(arguments: ["127.0.0.1", "::1"])
    func `a listener tells who has come`(host: String) throws {
        let pair = try Pair(host)
        #expect(pair.peer != nil && pair.peer == pair.farAddress)
        #expect(pair.peer == pair.near?.peer)
        pair.end()
    }

    @Test(arguments: ["127.0.0.1", "127.3.2.1", "::1"])
    func `open, half-closed and closed are told apart`(host: String) throws {
        let pair = try Pair(host)
        #expect(pair.near?.peerHasGone == false)
        shutdown(pair.far, Int32(SHUT_WR))
        pair.loop.run(until: "the FIN") { pair.recorder.events == [.end] }
        #expect(pair.near?.peerHasGone == false, "it may still read")
        let copy = dup(pair.far)
        pair.closeFar()
        #expect(pair.near?.peerHasGone == false, "another descriptor has it open")
        Glibc.close(copy)
        pair.loop.run(until: "the kernel's knowledge") { pair.near?.peerHasGone == true }
        #expect(pair.near?.peerHasGone == true)
        pair.end()
    }

    @Test(arguments: ["127.0.0.1", "::1"])
    func `a FIN is noticed while nothing is read`(host: String) throws {
        let pair = try Pair(host)
        pair.near?.pauseReading()
        pair.loop.runOnce()
        #expect(pair.recorder.events.isEmpty)
        pair.closeFar()
        pair.loop.run(until: "the FIN") { pair.recorder.events == [.end] }
        #expect(pair.near?.peerHasGone == true)
        pair.end()
    }

    @Test func `nothing is known of a connection that is closed, or of a peer elsewhere`() throws {
        let pair = try Pair("127.0.0.1")
        pair.near?.reset()
        #expect(pair.near?.peerHasGone == nil)
        let asking = PeerSocket()
        let here = try #require(SocketAddress(host: "127.0.0.1", port: 1))
        let elsewhere = try #require(SocketAddress(host: "192.0.2.1", port: 1))
        #expect(asking.hasGone(elsewhere, from: here) == nil)
        #expect(asking.hasGone(here, from: elsewhere) == nil)
        pair.loop.runOnce()
        pair.end()
    }

    @Test func `a socket that does not exist has gone, however often one asks`() throws {
        let asking = PeerSocket()
        let first = try #require(SocketAddress(host: "127.0.0.1", port: 1))
        let second = try #require(SocketAddress(host: "127.0.0.1", port: 2))
        for _ in 0..<1000 { #expect(asking.hasGone(first, from: second) == true) }
    }
}
