import EventLoop
import Faults
import HTTPWire
import TestSupport
import Testing

@testable import ChaosProxy

/// Connections that come by another way than a socket.
struct ProxyTakeTests {
    private let clock = ManualClock(1_000)
    private let environment: ProxyEnvironment
    private let loop: EventLoop

    init() throws {
        loop = try EventLoop()
        let clock = clock
        environment = ProxyEnvironment(date: 0) { clock.instant }
    }

    private func proxy(
        _ name: String, toxics: [Toxic] = [], limits: RequestLimits = RequestLimits(),
        budget: ConnectionLimit = ConnectionLimit(100)
    ) throws -> Proxy {
        let proxy = Proxy(
            name: name, upstream: .site { _ in .made(HTTPResponse(404)) }, toxics: toxics,
            environment: environment, requestLimits: limits)
        let address = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        try proxy.listen(on: address, limits: [budget], loop: loop)
        return proxy
    }

    /// More than a dictionary would have in order by chance.
    @Test func `proxies are gone through in the order in which they were made`() throws {
        var ended: [Int] = []
        let proxies = try (0..<40).map { try proxy("\($0)") }
        for (index, proxy) in proxies.enumerated().reversed() {
            let socket = SimulatedSocket(clock)
            socket.onEvent = { event in if case .rst = event { ended.append(index) } }
            #expect(proxy.take(socket, from: nil))
        }
        #expect(environment.connectionCount == 40)
        environment.cut()
        #expect(ended == Array(0..<40))
        #expect(environment.busy.isEmpty)
    }

    @Test func `they meet the limits of those that were accepted`() throws {
        let budget = ConnectionLimit(3)
        let proxy = try proxy("a", budget: budget)
        let sockets = (0..<4).map { _ in SimulatedSocket(clock) }
        #expect(sockets.map { proxy.take($0, from: nil) } == [true, true, true, false])
        sockets[0].reset()
        #expect(budget.count == 2)
        #expect(proxy.take(sockets[3], from: nil))

        var limits = RequestLimits()
        limits.maxConnections = 3
        proxy.set(limits: limits)
        budget.maximum = 9
        #expect(!proxy.take(SimulatedSocket(clock), from: nil))
    }

    @Test func `nobody gets in where nobody listens, or the door is shut`() throws {
        let proxy = try proxy("a")
        proxy.set(toxics: [Toxic(.refuse(Refuse(time: 0)), stream: .downstream)])
        #expect(!proxy.take(SimulatedSocket(clock), from: nil))
        proxy.set(toxics: [])
        #expect(proxy.take(SimulatedSocket(clock), from: nil))
        proxy.stopListening()
        #expect(!proxy.take(SimulatedSocket(clock), from: nil))
        environment.cut()
        #expect(environment.connectionCount == 0)
    }
}
