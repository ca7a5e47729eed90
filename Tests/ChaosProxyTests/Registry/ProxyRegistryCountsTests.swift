import EventLoop
import Faults
import HTTPWire
import Records
import TestSupport
import Testing

@testable import ChaosProxy

/// What is known of a run when proxies were reset, deleted and made again in it.
final class ProxyRegistryCountsTests {
    private let loop: EventLoop
    private let registry: ProxyRegistry
    private let environment: ProxyEnvironment

    init() throws {
        let loop = try EventLoop()
        let environment = ProxyEnvironment(date: 0) { Instant(nanoseconds: loop.now) }
        (self.loop, self.environment) = (loop, environment)
        registry = ProxyRegistry(loop: loop, limits: []) { specification, backend in
            Proxy(
                name: specification.name, protocol: specification.protocol ?? .tcp,
                upstream: .address(backend), environment: environment)
        }
        let site = Proxy(
            name: "local", upstream: .site(TestSite.answer), environment: environment)
        try registry.add(builtIn: site, listen: ListenAddress(.loopbacks, port: 0))
    }

    deinit {
        for found in registry.proxies { found.proxy.stopListening() }
    }

    @discardableResult
    private func create(_ name: String, requests: UInt64, peak: Int) throws -> Proxy {
        let proxy = try registry.create(
            ProxySpecification(name: name, listen: "127.0.0.1:0", upstream: "127.0.0.1:1")
        ).proxy
        Self.count(proxy, requests: requests, peak: peak)
        return proxy
    }

    private static func count(_ proxy: Proxy, requests: UInt64, peak: Int) {
        proxy.counters.requests += requests
        proxy.counters.peak = max(proxy.counters.peak, peak)
        var record = ExchangeRecord(proxy: proxy.name)
        record.status = 200
        for _ in 0..<requests { proxy.counters.recorded.add(record) }
    }

    private func total(_ name: String) -> ProxyCounters? {
        registry.totals.first { $0.name == name }?.counters
    }

    @Test func `a reset starts the counters again, and takes nothing from the run`() throws {
        let local = try registry.find("local").proxy
        Self.count(local, requests: 3, peak: 9)
        try registry.reset()
        #expect(local.counters.requests == 0 && local.counters.peak == 0)
        Self.count(local, requests: 2, peak: 4)
        let run = try #require(total("local"))
        #expect(run.requests == 5 && run.peak == 9 && run.recorded.count(of: 200) == 5)
        #expect(registry.recent(of: "local")?.requests == 2)
        #expect(registry.resets.count == 1 && registry.resets.underWay == 0)
    }

    @Test func `peaks that began again are not forgotten`() throws {
        let local = try registry.find("local").proxy
        Self.count(local, requests: 0, peak: 9)
        local.resetPeaks()
        Self.count(local, requests: 0, peak: 4)
        #expect(local.counters.peak == 4 && total("local")?.peak == 9)
    }

    @Test func `those that were deleted are counted, and added to those of their name`() throws {
        try create("a", requests: 3, peak: 9)
        try registry.delete("a")
        #expect(total("a")?.requests == 3 && registry.recent(of: "a")?.requests == 3)
        try registry.reset()
        #expect(total("a")?.requests == 3 && registry.recent(of: "a")?.requests == 0)
        try create("a", requests: 2, peak: 4)
        try registry.delete("a")
        try create("a", requests: 1, peak: 1)
        #expect(total("a")?.requests == 6 && total("a")?.peak == 9)
        #expect(registry.recent(of: "a")?.requests == 3 && registry.recent(of: "b") == nil)
        #expect(registry.totals.map(\.name) == ["a", "local"])
    }

    @Test func `the program's own and those with another protocol are counted on`() throws {
        Self.count(try registry.find("local").proxy, requests: 3, peak: 1)
        try registry.delete("local")
        #expect(total("local")?.requests == 3)
        try registry.reset()
        Self.count(try registry.find("local").proxy, requests: 3, peak: 1)
        #expect(total("local")?.requests == 6)
        try create("a", requests: 3, peak: 9)
        let changed = try registry.update("a", ProxyChanges(protocol: .redis)).proxy
        Self.count(changed, requests: 1, peak: 1)
        #expect(total("a")?.requests == 4 && total("a")?.peak == 9)
    }

    @Test func `of more than 10000 names nothing is kept`() throws {
        var departed = DepartedProxies()
        for number in 0...DepartedProxies.maximumNames {
            departed.add(
                Proxy(
                    name: "\(number)", upstream: .site(TestSite.answer), environment: environment))
        }
        #expect(departed.all.count == DepartedProxies.maximumNames)
    }

    @Test func `what is under way at a reset counts where it ends`() throws {
        let harness = SessionHarness([.latency(1_000_000_000)])
        harness.get("/a", "/b")
        #expect(harness.proxy.counters.requests == 2)
        harness.proxy.restartCounters()
        let counters = harness.proxy.counters
        #expect(counters.requests == 2 && counters.inFlight == 2 && counters.peak == 2)
        #expect(harness.proxy.earlier.requests == 0 && harness.proxy.earlier.peak == 2)
        harness.advance(to: 2_000_000_000)
        #expect(harness.proxy.counters.recorded.count(of: 200) == 2)
        #expect(harness.proxy.totals.requests == 2 && harness.proxy.totals.inFlight == 0)
    }
}
