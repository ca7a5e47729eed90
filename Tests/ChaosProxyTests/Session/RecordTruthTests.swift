import EventLoop
import Faults
import Glibc
import HTTPWire
import Records
import TestSupport
import Testing

@testable import ChaosProxy

/// What a record says of bytes that nobody got, with real sockets.
final class RecordTruthTests {
    private let loop: EventLoop
    private let environment: ProxyEnvironment
    private let log = Log()
    private var proxies: [Proxy] = []

    private final class Log {
        var records: [ExchangeRecord] = []
    }

    init() throws {
        let loop = try EventLoop()
        let log = log
        self.loop = loop
        environment = ProxyEnvironment(date: 0, seed: 42) { Instant(nanoseconds: loop.now) }
        environment.onRecord = { log.records.append($0) }
        let dialer = Dialer(on: loop)
        environment.dial = { backend, proxy, completion in
            dialer.dial(backend, for: proxy, completion: completion)
        }
        dialer.isOurs = { _ in true }
    }

    deinit {
        environment.cut()
        for proxy in proxies { proxy.stopListening() }
        turn()
        turn()
    }

    private func turn() {
        let timer = Timer(on: loop) { [unowned loop] in loop.stop() }
        timer.schedule(after: 1_000_000)
        do { try loop.run() } catch { Issue.record(error) }
    }

    private func proxy(_ upstream: Upstream, _ name: String) throws -> Proxy {
        let proxy = Proxy(name: name, upstream: upstream, environment: environment)
        let any = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        try proxy.listen(on: any, limits: [], loop: loop)
        proxies.append(proxy)
        return proxy
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

    private func reset(_ client: Int32) {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(client, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        Glibc.close(client)
    }

    private func run(until count: Int) {
        let end = loop.now + 10 * .second
        while log.records.count < count, loop.now < end { turn() }
        #expect(log.records.count == count)
    }

    @Test(arguments: ["/a", "/made", "/large", "/parts"])
    func `an answer to one who had reset before it has not been sent`(target: String) throws {
        let local = try proxy(.site(TestSite.answer), "local")
        let client = connect(to: local)
        turn()
        get(client, target)
        reset(client)
        run(until: 1)
        let record = try #require(log.records.first)
        #expect(record.ending == .clientRST)
        #expect(record.status == nil && record.bytesSent == 0)
    }

    @Test func `a reply is over when the kernel has taken it all`() throws {
        let harness = try RelayHarness(.http)
        harness.get("/a", "/b")
        harness.client.queuedBytes = 1
        harness.answer("a", "b")
        #expect(harness.records.isEmpty && harness.proxy.counters.inFlight == 2)
        harness.drain(harness.client)
        #expect(harness.records.map(\.target) == ["/a", "/b"])
        harness.expectNothingLeft()
    }

    @Test func `a dial that fails leaves no trace`() throws {
        let local = try proxy(.site(TestSite.answer), "local")
        let backend = try #require(Backend("\(local.addresses[0])"))
        let chaos = try proxy(.address(backend), "chaos")
        local.stopListening()
        let client = connect(to: chaos)
        get(client, "/a")
        run(until: 1)
        #expect(log.records.first?.ending == .backendRefused)
        #expect(environment.dialled.isEmpty)
        Glibc.close(client)
    }
}
