import EventLoop
import Faults
import Glibc
import HTTPWire
import Records
import TestSupport
import Testing

@testable import ChaosProxy

/// A proxy before a proxy of ours, with real sockets on one loop: nothing counts twice.
final class ViaTests {
    private let loop: EventLoop
    private let environment: ProxyEnvironment
    private let local: Proxy
    private let chaos: Proxy
    private let dialer: Dialer
    private let log = Log()

    private final class Log {
        var records: [ExchangeRecord] = []
    }

    init() throws {
        let loop = try EventLoop()
        let log = log
        self.loop = loop
        environment = ProxyEnvironment(date: 0, seed: 42) { Instant(nanoseconds: loop.now) }
        environment.onRecord = { log.records.append($0) }
        dialer = Dialer(on: loop)
        local = Proxy(
            name: "local", upstream: .site(TestSite.answer), environment: environment)
        let any = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        try local.listen(on: any, limits: [], loop: loop)
        let backend = try #require(Backend("\(local.addresses[0])"))
        chaos = Proxy(name: "chaos", upstream: .address(backend), environment: environment)
        try chaos.listen(on: any, limits: [], loop: loop)
        dialer.isOurs = { [unowned self] address in
            (local.addresses + chaos.addresses).contains(address)
        }
        environment.dial = { [dialer] backend, proxy, completion in
            dialer.dial(backend, for: proxy, completion: completion)
        }
    }

    deinit {
        environment.cut()
        local.stopListening()
        chaos.stopListening()
        loop.runOnce()
        loop.runOnce()
    }

    private func connect(to proxy: Proxy) -> Int32 {
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = proxy.addresses[0].port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(client, $0, size)
            }
        }
        #expect(result == 0)
        return client
    }

    private func get(_ client: Int32, _ target: String) {
        let bytes = Array(RelayHarness.request(target).utf8)
        #expect(send(client, bytes, bytes.count, 0) == bytes.count)
    }

    /// Runs until there are so many records.
    private func run(until count: Int) {
        let end = loop.now + 20 * .second
        while log.records.count < count, loop.now < end { loop.runOnce() }
        #expect(log.records.count == count)
    }

    @Test func `what comes through chaos is told of at local, and counted once`() {
        let client = connect(to: chaos)
        get(client, "/a")
        run(until: 2)
        let records = log.records
        #expect(Set(records.map(\.proxy)) == ["local", "chaos"])
        for record in records {
            #expect(record.via == (record.proxy == "local" ? "chaos" : nil))
            #expect(record.isCountedElsewhere == (record.proxy == "local"))
            #expect(record.status == 200 && record.target == "/a" && !record.isUnplanned)
        }
        let (inner, outer) = (local.counters, chaos.counters)
        #expect(outer.requests == 1 && outer.peak == 1 && outer.connections == 1)
        #expect(inner.requests == 0 && inner.peak == 0 && inner.connections == 0)
        #expect(inner.recorded.count(of: 200) == 0 && outer.recorded.count(of: 200) == 1)
        #expect(inner.sentDownstream > 0)
        #expect(environment.meters.values.map(\.peak) == [1])
        #expect(environment.dialled.isEmpty)
        Glibc.close(client)
    }

    @Test func `limits of local leave those alone that come through chaos`() {
        var limits = RequestLimits.rate(0.001)
        (limits.maxConcurrency, limits.overLimit) = (1, .respond(503))
        limits.maxConnections = 1
        local.set(limits: limits)
        let (client, direct) = (connect(to: chaos), connect(to: local))
        get(direct, "/direct")
        run(until: 1)
        for index in 1...5 {
            get(client, "/\(index)")
            run(until: 1 + 2 * index)
        }
        #expect(log.records.allSatisfy { $0.status == 200 && $0.refusal == nil })
        get(direct, "/over")
        run(until: 12)
        #expect(log.records.last?.refusal == .rate)
        #expect(local.counters.requests == 2 && local.counters.peakConnections == 1)
        for descriptor in [client, direct] { Glibc.close(descriptor) }
    }

    @Test func `what comes through a proxy that knows no requests is counted and limited`() throws {
        let backend = try #require(Backend("\(local.addresses[0])"))
        let plain = Proxy(
            name: "plain", protocol: .tcp, upstream: .address(backend), environment: environment)
        let any = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        try plain.listen(on: any, limits: [], loop: loop)
        local.set(limits: .rate(0.001))
        let client = connect(to: plain)
        for index in 1...2 {
            get(client, "/a")
            run(until: index)
        }
        #expect(log.records.map(\.via) == ["plain", "plain"])
        #expect(log.records.map(\.isCountedElsewhere) == [false, false])
        #expect(log.records.map(\.refusal) == [nil, .rate])
        let counters = local.counters
        #expect(counters.requests == 2 && counters.refused == 1 && counters.connections == 1)
        #expect(counters.recorded.count(of: 200) == 1 && plain.counters.requests == 1)
        Glibc.close(client)
        run(until: 3)
        plain.stopListening()
    }

    @Test func `who comes directly is not taken for one who came through chaos`() {
        for index in 0..<20 {
            let (client, direct) = (connect(to: chaos), connect(to: local))
            get(client, "/a")
            get(direct, "/b")
            run(until: 3 * (index + 1))
            Glibc.close(client)
            Glibc.close(direct)
        }
        for record in log.records {
            let isBehind = record.proxy == "local" && record.target == "/a"
            #expect(record.via == (isBehind ? "chaos" : nil))
        }
        let end = loop.now + 20 * .second
        while environment.connectionCount > 0, loop.now < end { loop.runOnce() }
        #expect(environment.dialled.isEmpty)
        #expect(local.counters.connections == 0 && chaos.counters.connections == 0)
    }

    /// Runs until what chaos has dialled is of that many clients.
    private func run(untilDialled count: Int) {
        let end = loop.now + 20 * .second
        while environment.dialled.count < count, loop.now < end { loop.runOnce() }
        #expect(environment.dialled.count == count)
    }

    /// The kernel drops its queue with the listener, and gives these ports to others.
    @Test func `who waits to be accepted is forgotten with the listener`() {
        var limits = RequestLimits()
        limits.maxConnections = 0
        local.set(limits: limits)
        let clients = (0..<3).map { _ in connect(to: chaos) }
        for client in clients { get(client, "/a") }
        run(untilDialled: 3)
        chaos.stopListening()
        #expect(environment.dialled.count == 3, "they lead to another listener")
        local.stopListening()
        #expect(environment.dialled.isEmpty)
        for client in clients { Glibc.close(client) }
    }
}

extension EventLoop {
    /// Lets everything that is ready now be done.
    fileprivate func runOnce() {
        let timer = Timer(on: self) { [unowned self] in stop() }
        timer.schedule(after: 1_000_000)
        do { try run() } catch { Issue.record(error) }
    }
}
