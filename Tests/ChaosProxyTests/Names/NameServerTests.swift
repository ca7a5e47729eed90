import Faults
import Glibc
import Names
import Records
import TestSupport
import Testing

@testable import ChaosProxy
@testable import EventLoop

/// Questions over UDP, with real sockets.
final class NameServerTests {
    private final class Log {
        var records: [ExchangeRecord] = []
    }

    private let loop: EventLoop
    private let environment: ProxyEnvironment
    private let log = Log()
    private let proxy: Proxy
    private let client: Int32

    init() throws {
        let (loop, log) = (try EventLoop(), log)
        self.loop = loop
        environment = ProxyEnvironment(date: 0, seed: 42) { Instant(nanoseconds: loop.now) }
        environment.onRecord = { log.records.append($0) }
        environment.makeAlarm = { action in
            let timer = Timer(on: loop, action: action)
            return { instant in
                guard let instant else { return timer.cancel() }
                timer.schedule(after: instant - Instant(nanoseconds: loop.now))
            }
        }
        proxy = Proxy(
            name: "dns", protocol: .dns, upstream: .names(try Zone(countries: ["br"])),
            environment: environment)
        let any = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        try proxy.listen(on: any, limits: [], loop: loop)
        client = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
        try #require(proxy.addresses[0].withSockaddr { connect(client, $0, $1) } == 0)
    }

    deinit {
        close(client)
        environment.cut()
        proxy.stopListening()
    }

    private func set(_ type: String, _ fields: (String, String)...) throws {
        let all = [ToxicField("type", .text(type))] + fields.map { ToxicField($0.0, .text($0.1)) }
        proxy.set(toxics: [try ToxicReading(all, as: .words).toxic()])
    }

    private func ask(_ bytes: [UInt8]) { send(client, bytes, bytes.count, 0) }

    /// The next datagram; empty if none has come.
    private func next() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 2000)
        let count = recv(client, &bytes, bytes.count, 0)
        return Array(bytes.prefix(max(count, 0)))
    }

    private func answer(_ bytes: [UInt8]) -> [UInt8] {
        ask(bytes)
        return awaited()
    }

    /// What comes next; empty if nothing does for long.
    private func awaited() -> [UInt8] {
        var got: [UInt8] = []
        _ = loop.run {
            if got.isEmpty { got = self.next() }
            return !got.isEmpty
        }
        return got
    }

    @Test func `a question is answered, and has its record`() {
        let got = answer(NameHarness.query(7))
        #expect(got.count == NameHarness.query(7).count + 16 && Array(got[..<3]) == [0, 7, 0x85])
        #expect(log.records.map(\.target) == ["br.flags.test"])
        #expect(log.records[0].status?.code == 0 && log.records[0].bytesSent == got.count)
        #expect(proxy.counters.requests == 1 && proxy.connectionCount == 0)
        #expect(proxy.clients.count == 1)
    }

    @Test func `an answer that the kernel does not take is none`() throws {
        let any = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        let listener = try proxy.answering(on: any, from: Zone(countries: ["br"]), loop: loop)
        // To port 0 nothing can be sent.
        NameHarness.query(7).withUnsafeBytes { listener.onReceive($0, true, any) }
        #expect(log.records.map(\.ending) == [.error])
        #expect(log.records[0].status == nil && log.records[0].bytesSent == 0)
        #expect(log.records[0].isUnplanned && proxy.counters.sentDownstream == 0)
    }

    @Test func `of answers that leave together each is what became of it`() throws {
        let any = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        let listener = try proxy.answering(on: any, from: Zone(countries: ["br"]), loop: loop)
        let answer = listener.onReceive
        // Every third one asks from port 0, to which nothing can be sent.
        listener.onReceive = { bytes, isWhole, peer in
            answer(bytes, isWhole, bytes[1] % 3 == 0 ? any : peer)
        }
        try #require(listener.address.withSockaddr { connect(client, $0, $1) } == 0)
        for number in 0..<9 { ask(NameHarness.query(UInt8(number))) }
        #expect(loop.run { self.log.records.count == 9 })
        #expect((0..<6).map { _ in next().dropFirst().first } == [1, 2, 4, 5, 7, 8])
        #expect(log.records.map { $0.status == nil } == (0..<9).map { $0 % 3 == 0 })
        for record in log.records {
            #expect(record.ending == (record.status == nil ? .error : .keep))
            #expect((record.bytesSent == 0) == (record.status == nil))
        }
        #expect(
            proxy.counters.sentDownstream == UInt64(log.records.reduce(0) { $0 + $1.bytesSent }))
        #expect(proxy.counters.requests == 9)
        withExtendedLifetime(listener) {}
    }

    @Test func `connections are numbered as questions come, whatever they are`() throws {
        var noQuery = NameHarness.query(2)
        noQuery[2] = 0x10  // opcode 2 is no query
        for bytes in [NameHarness.query(0), NameHarness.query(1), noQuery, NameHarness.query(3)] {
            ask(bytes)
        }
        #expect(loop.run { self.log.records.count == 4 })
        #expect(log.records.map(\.connection).sorted() == [1, 2, 3, 4])
        #expect(log.records.filter { $0.ending == .keep }.map(\.connection) == [1, 2, 3, 4])
    }

    @Test func `many at once are all answered`() {
        for number in 0..<100 { ask(NameHarness.query(UInt8(number))) }
        var numbers: Set<UInt8> = []
        let isDone = loop.run {
            while case let got = self.next(), !got.isEmpty { numbers.insert(got[1]) }
            return numbers.count == 100
        }
        #expect(isDone && proxy.counters.requests == 100)
    }

    @Test func `a delay holds an answer back, and a change lets it go`() throws {
        try set("latency", ("latency", "20ms"), ("exchanges", "1"))
        let start = loop.now
        #expect(answer(NameHarness.query(1)).count > 12)
        #expect(loop.now - start >= 20_000_000)
        #expect(log.records[0].actualDelay >= 20_000_000)
        try set("latency", ("latency", "1h"))
        ask(NameHarness.query(2))
        #expect(loop.run { self.proxy.connectionCount == 1 })
        #expect(proxy.runningCount == 1 && proxy.owingCount == 1)
        proxy.set(toxics: [])
        #expect(awaited().count > 12)
        #expect(proxy.connectionCount == 0 && proxy.counters.inFlight == 0)
    }

    @Test func `so many wait for their answers, and no more`() throws {
        try set("latency", ("latency", "1h"))
        let most = DatagramSession.maximumWaiting
        for number in 0..<most + 50 {
            ask(NameHarness.query(UInt8(truncatingIfNeeded: number)))
            guard number % 50 == 49 else { continue }
            let seen = UInt64(number + 1)
            #expect(loop.run { self.proxy.counters.requests + self.proxy.counters.refused == seen })
        }
        #expect(proxy.connectionCount == most && proxy.counters.refused == 50)
        #expect(log.records.count == 50)
        #expect(log.records.allSatisfy { $0.refusal == .maxConcurrency && $0.status == nil })
        proxy.set(toxics: [])
        #expect(proxy.connectionCount == 0 && proxy.counters.inFlight == 0)
    }

    @Test func `from another port nothing comes to who is connected`() throws {
        try set("wrong-source", ("exchanges", "1"))
        ask(NameHarness.query(1))
        let got = answer(NameHarness.query(2))
        #expect(got[1] == 2)
        #expect(log.records.map { $0.faults.first?.hasActed } == [true, nil])
        #expect(log.records[0].bytesSent == got.count)
    }

    @Test func `10 000 mutated messages change nothing but a counter`() {
        var generator = TestGenerator(seed: 5)
        var sent: UInt64 = 0
        for _ in 0..<10_000 {
            var bytes = NameHarness.query(1)
            for _ in 0...generator.next(below: 4) {
                bytes[Int(generator.next(below: bytes.count))] = UInt8(
                    truncatingIfNeeded: generator.next())
            }
            if generator.next(below: 4) == 0 {
                bytes = Array(bytes.prefix(generator.next(below: 40)))
            }
            guard !bytes.isEmpty else { continue }
            ask(bytes)
            sent += 1
            if sent % 50 == 0 { #expect(hasHeard(sent)) }
        }
        #expect(hasHeard(sent))
        #expect(answer(NameHarness.query(9)).count == NameHarness.query(9).count + 16)
        #expect(proxy.counters.inFlight == 0 && proxy.connectionCount == 0)
        #expect(proxy.counters.malformed > 1000)
        #expect(log.records.allSatisfy { !$0.isUnplanned })
    }

    /// Whether so many were heard; what has come of them is thrown away.
    private func hasHeard(_ count: UInt64) -> Bool {
        loop.run {
            while !self.next().isEmpty {}
            return self.proxy.counters.requests + self.proxy.counters.malformed == count
        }
    }

    @Test func `a query of 64 KiB is malformed`() {
        let got = answer(NameHarness.query(1) + [UInt8](repeating: 0, count: 60_000))
        #expect(got.count == 12 && got[3] & 15 == 1)
        #expect(proxy.counters.malformed == 1)
    }

    @Test func `who is over a limit is refused, or waits`() throws {
        var limits = RequestLimits()
        limits.maxConcurrency = 1
        proxy.set(limits: limits)
        try set("latency", ("latency", "50ms"), ("exchanges", "1"))
        ask(NameHarness.query(1))
        #expect(loop.run { self.proxy.counters.inFlight == 1 })
        let refused = answer(NameHarness.query(2))
        #expect(Array(refused[..<2]) == [0, 2] && refused[3] & 15 == 5)
        limits.overLimit = .queue
        proxy.set(limits: limits)
        ask(NameHarness.query(3))
        var numbers: [UInt8] = []
        let isDone = loop.run {
            while case let got = self.next(), !got.isEmpty { numbers.append(got[1]) }
            return numbers.count == 2
        }
        #expect(isDone && numbers == [1, 3])
        #expect(proxy.queuedCount == 0 && proxy.connectionCount == 0)
    }

    @Test func `what is held back comes when it listens no more, and then the port is free`() throws
    {
        try set("latency", ("latency", "30ms"))
        ask(NameHarness.query(1))
        #expect(loop.run { self.proxy.counters.inFlight == 1 })
        let address = proxy.addresses[0]
        proxy.drain()
        #expect(throws: EventLoopError.self) { try DatagramListener(address, on: loop) }
        let got = awaited()
        #expect(got.count > 12 && log.records.map(\.bytesSent) == [got.count])
        #expect(log.records.map(\.ending) == [.keep])
        #expect(throws: Never.self) { try DatagramListener(address, on: loop) }
    }

    @Test func `who waits for a place when the proxy goes has a record`() throws {
        var limits = RequestLimits()
        (limits.maxConcurrency, limits.overLimit) = (1, .queue)
        proxy.set(limits: limits)
        try set("latency", ("latency", "1h"))
        ask(NameHarness.query(1))
        ask(NameHarness.query(2))
        #expect(loop.run { self.proxy.queuedCount == 1 })
        proxy.stopListening()
        proxy.closeConnections()
        #expect(log.records.map(\.ending) == [.fin, .fin])
        #expect(Set(log.records.map(\.attempt)) == [nil, 1])
        #expect(proxy.queuedCount == 0 && proxy.connectionCount == 0)
        #expect(proxy.counters.inFlight == 0 && proxy.counters.requests == 2)
    }
}
