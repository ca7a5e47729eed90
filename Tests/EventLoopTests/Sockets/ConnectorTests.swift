import Glibc
import Testing

@testable import EventLoop

struct ConnectorTests {
    private typealias Outcome = Result<Int32, EventLoopError>

    private func listener(_ host: String, _ loop: EventLoop) throws -> Listener {
        let address = try #require(SocketAddress(host: host, port: 0))
        return try Listener(address, limits: [], on: loop)
    }

    /// A port where nobody listens: it is bound, but only that.
    private func closedPort() throws -> (descriptor: Int32, address: SocketAddress) {
        let any = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #expect(any.withSockaddr { bind(descriptor, $0, $1) } == 0)
        return (descriptor, try #require(SocketAddress.ask { getsockname(descriptor, $0, $1) }))
    }

    private func connect(
        _ addresses: [SocketAddress], timeout: UInt64 = 10_000_000_000, _ loop: EventLoop
    ) throws -> Outcome {
        var outcomes: [Outcome] = []
        let connector = Connector(addresses, timeout: timeout, on: loop) {
            outcomes.append($0)
            loop.stop()
        }
        #expect(outcomes.isEmpty)
        loop.runGuarded("the outcome")
        loop.runOnce()
        #expect(outcomes.count == 1)
        return withExtendedLifetime(connector) { outcomes[0] }
    }

    @Test(arguments: ["127.0.0.1", "::1"])
    func `a connection is non-blocking, closes on exec and has no Nagle`(host: String) throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let listener = try listener(host, loop)
        var accepted: [Int32] = []
        listener.onAccept = { descriptor, _ in accepted.append(descriptor) }
        let descriptor = try connect([listener.address], loop).get()
        loop.run(until: "the other end") { accepted.count == 1 }
        #expect(fcntl(descriptor, F_GETFL) & O_NONBLOCK != 0)
        #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
        var noDelay: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &noDelay, &size)
        #expect(noDelay == 1)
        #expect(SocketAddress.ask { getpeername(descriptor, $0, $1) } == listener.address)
        for file in accepted + [descriptor] { Glibc.close(file) }
    }

    @Test func `the next address is tried when one refuses`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let listener = try listener("127.0.0.1", loop)
        listener.onAccept = { descriptor, _ in Glibc.close(descriptor) }
        let closed = try closedPort()
        let outcome = try connect([closed.address, listener.address], loop)
        let descriptor = try outcome.get()
        #expect(SocketAddress.ask { getpeername(descriptor, $0, $1) } == listener.address)
        loop.runOnce()
        Glibc.close(descriptor)
        Glibc.close(closed.descriptor)
    }

    @Test func `a refusal tells the call and the error`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let closed = try closedPort()
        let outcome = try connect([closed.address], loop)
        guard case .failure(let error) = outcome else {
            Issue.record("connected")
            return
        }
        #expect(error.errno == ECONNREFUSED)
        #expect(error.call == "connect \(closed.address)")
        #expect("\(error)" == "connect \(closed.address): Connection refused")
        Glibc.close(closed.descriptor)
    }

    @Test func `one that resets at once was connected, and no other is tried`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let (descriptor, address) = try closedPort()
        #expect(listen(descriptor, 1) == 0)
        let other = try listener("127.0.0.1", loop)
        other.onAccept = { descriptor, _ in
            Issue.record("the next one was asked")
            Glibc.close(descriptor)
        }
        // Between the handshake and the first look, as another process might.
        var resets = false
        let connector = Connector(
            [address, other.address], timeout: 1_000_000_000, on: loop,
            onBound: { _ in
                let accepted = accept(descriptor, nil, nil)
                var linger = linger(l_onoff: 1, l_linger: 0)
                let size = socklen_t(MemoryLayout<linger>.size)
                setsockopt(accepted, SOL_SOCKET, SO_LINGER, &linger, size)
                Glibc.close(accepted)
                resets = true
            }
        ) { outcome in
            if case .failure(let error) = outcome { #expect(error.errno == ECONNRESET) }
            if case .success = outcome { Issue.record("connected") }
            loop.stop()
        }
        loop.runGuarded("the outcome")
        #expect(resets)
        withExtendedLifetime(connector) {}
        Glibc.close(descriptor)
    }

    @Test func `no address is an error of its own`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        guard case .failure(let error) = try connect([], loop) else {
            Issue.record("connected")
            return
        }
        #expect(error.errno == EADDRNOTAVAIL)
    }

    /// A listener that accepts nothing and whose queue is full: the kernel drops what asks.
    private func fullListener() throws -> (address: SocketAddress, descriptors: [Int32]) {
        let (descriptor, address) = try closedPort()
        #expect(listen(descriptor, 0) == 0)
        var descriptors = [descriptor]
        for _ in 0..<4 {
            let client = socket(
                AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
            _ = address.withSockaddr { Glibc.connect(client, $0, $1) }
            descriptors.append(client)
        }
        return (address, descriptors)
    }

    @Test func `the timeout is for all addresses together and never early`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let full = try fullListener()
        let start = loop.now
        let outcome = try connect([full.address, full.address], timeout: 20_000_000, loop)
        #expect(loop.now >= start + 20_000_000)
        guard case .failure(let error) = outcome else {
            Issue.record("connected")
            return
        }
        #expect(error.errno == ETIMEDOUT)
        #expect(error.call == "connect \(full.address)")
        for file in full.descriptors { Glibc.close(file) }
    }

    @Test(arguments: [false, true])
    func `one that is cancelled or let go is silent and closes`(isFreed: Bool) throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let full = try fullListener()
        let listener = try listener("127.0.0.1", loop)
        listener.onAccept = { descriptor, _ in Glibc.close(descriptor) }
        // One that waits, one that is connected but has not told so, one that is refused.
        let closed = try closedPort()
        for address in [full.address, listener.address, closed.address] {
            var connector: Connector? = Connector(
                [address], timeout: 1_000_000_000, on: loop
            ) { _ in Issue.record("it is not silent") }
            if isFreed { connector = nil } else { connector?.cancel() }
            loop.runOnce()
            connector = nil
        }
        for file in full.descriptors + [closed.descriptor] { Glibc.close(file) }
    }

    @Test func `the kernel gives ports to clients that are known`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let listener = try listener("127.0.0.1", loop)
        listener.onAccept = { descriptor, _ in Glibc.close(descriptor) }
        let descriptor = try connect([listener.address], loop).get()
        let own = try #require(SocketAddress.ask { getsockname(descriptor, $0, $1) })
        #expect(ClientPorts.range.contains(own.port))
        // Where nobody can read them it may be any.
        let text = KernelSetting.read("net/ipv4/ip_local_port_range") ?? ""
        let ports = text.split(whereSeparator: \.isWhitespace).compactMap { UInt16($0) }
        #expect(
            [ClientPorts.range.lowerBound, ClientPorts.range.upperBound]
                == (ports.isEmpty ? [0, .max] : ports))
        Glibc.close(descriptor)
    }

    @Test func `a connection to itself is known`() throws {
        let (descriptor, address) = try closedPort()
        // Bound to the port that it connects to, it meets itself, as an unlucky client port does.
        #expect(address.withSockaddr { Glibc.connect(descriptor, $0, $1) } == 0)
        #expect(Connector.meetsItself(descriptor, at: address))
        Glibc.close(descriptor)
        let pair = try LoopbackPair()
        #expect(!Connector.meetsItself(pair.near, at: address))
        Glibc.close(pair.near)
        pair.closeFar()
    }
}
