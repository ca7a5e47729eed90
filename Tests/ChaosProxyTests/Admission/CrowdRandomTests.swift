import Faults
import HTTPWire
import TestSupport
import Testing

@testable import ChaosProxy

/// Crowds by the hundred, the same in every run, held against a simple model of who is under way.
struct CrowdRandomTests {
    /// What is under way, as one sees it from outside: asked of the site, and not recorded.
    private final class Model {
        var underWay: Set<String> = []
        var peak = 0
        var asked = 0

        func ask(_ request: HTTPRequest) {
            asked += 1
            underWay.insert(String(view: request.target))
            peak = max(peak, underWay.count)
        }
    }

    private struct Run {
        let crowd: Crowd
        var random: TestGenerator
        var time: UInt64 = 0
        /// Targets that were sent, each one once, by the number of the client.
        var sent: [(client: Int, target: String)] = []
        let model: Model
        /// An exchange of a client that has half-closed is over before it has its record.
        var halfCloses = true

        mutating func number(_ bound: Int) -> Int { random.next(below: bound) }
        /// One that is still there.
        mutating func client() -> (Int, Crowd.Client)? {
            let index = number(crowd.clients.count)
            let client = crowd.clients[index]
            return client.isOpen && !client.hasEnded ? (index, client) : nil
        }
    }

    private static func limits(_ random: inout TestGenerator) -> RequestLimits {
        var limits = RequestLimits()
        if random.next(below: 4) > 0 { limits.maxConcurrency = 1 + random.next(below: 5) }
        limits.overLimit = random.element(
            of: [nil, .respond(503), .respond(429), .queue, .queue, .queue, .close])
        if random.next(below: 4) == 0 { limits.rate = 20 }
        if random.next(below: 6) == 0 { limits.maxConnections = 2 + random.next(below: 6) }
        return limits
    }

    private func run(_ seed: UInt64, before kind: ProxyProtocol?, _ toxics: [Toxic]) throws -> Run {
        var random = TestGenerator(seed: seed &* 0x9e37_79b9_7f4a_7c15 | 1)
        let limits = Self.limits(&random)
        return try run(random, limits, before: kind, toxics)
    }

    private func run(
        _ random: TestGenerator, _ limits: RequestLimits, before kind: ProxyProtocol?,
        _ toxics: [Toxic]
    ) throws -> Run {
        let model = Model()
        let crowd = try Crowd(toxics, limits, before: kind) { request in
            model.ask(request)
            return TestSite.answer(request)
        }
        let log = crowd.environment.onRecord
        crowd.environment.onRecord = { record in
            model.underWay.remove(record.target)
            log?(record)
        }
        for index in 0..<6 { crowd.connect(from: "127.0.0.\(1 + index % 3)") }
        return Run(crowd: crowd, random: random, model: model)
    }

    private func send(_ run: inout Run) {
        guard let (index, client) = run.client() else { return }
        var text = ""
        for _ in 0...run.number(3) {
            let target = "/\(run.sent.count)"
            run.sent.append((index, target))
            let kind = run.number(6)
            let length = "Content-Length: 2\r\n\r\nxy"
            let chunks = "Transfer-Encoding: chunked\r\n\r\n0\r\n"
            let rest = kind == 0 ? length : kind == 1 ? chunks : ""
            let method = kind < 2 ? "POST" : kind == 2 ? "HEAD" : "GET"
            text += "\(method) \(target) HTTP/1.1\r\nHost: x\r\n\(rest)\r\n"
            if kind == 0 { text.removeLast() }  // CR LF is one character
        }
        run.crowd.send(client, text)
    }

    private func leave(_ run: inout Run) {
        guard let (index, client) = run.client() else { return }
        switch run.number(4) {
        case 0: run.crowd.reset(client)
        case 1: run.crowd.end(client, isGone: true)
        case 2 where run.halfCloses: run.crowd.end(client, isGone: false)
        default:
            guard !client.isQueued, !client.stream.hasIncoming else { return }
            for sent in run.sent where sent.client == index {
                run.model.underWay.remove(sent.target)
            }
            run.crowd.end(client, isGone: nil)
        }
    }

    /// One thing that happens.
    private func step(_ run: inout Run) {
        switch run.number(20) {
        case 0: run.crowd.connect(from: "127.0.0.\(1 + run.number(3))")
        case 1: leave(&run)
        case 2: run.crowd.proxy.set(limits: Self.limits(&run.random))
        case 3...4: run.crowd.answerAll()
        case 5: run.crowd.tick(UInt32(1 + run.number(20)))
        case 6...9:
            let now = run.crowd.clock.now - Crowd.start
            run.crowd.advance(to: now + UInt64(run.number(400_000_000)))
        default: send(&run)
        }
        run.crowd.settle()
    }

    private func expectSound(_ run: Run, _ note: Comment) {
        let proxy = run.crowd.proxy
        let counters = proxy.counters
        #expect(proxy.clients.reduce(0) { $0 + $1.inFlight } == counters.inFlight, note)
        let meters = run.crowd.environment.meters.values
        #expect(meters.reduce(0) { $0 + $1.inFlight } == counters.inFlight, note)
        #expect(proxy.clients.reduce(0) { $0 + $1.connections } == counters.connections, note)
        #expect(meters.reduce(0) { $0 + $1.connections } == counters.connections, note)
        #expect(proxy.clients.allSatisfy { $0.peak >= $0.inFlight }, note)
        #expect(counters.peak >= counters.inFlight && counters.inFlight >= 0, note)
        #expect(proxy.queue.granted >= 0 && proxy.queuedCount <= 1000, note)
        let waiting = run.crowd.clients.count { $0.isQueued }
        #expect(waiting == proxy.queuedCount + proxy.queue.released.count, note)
        if let maximum = proxy.requestLimits.maxConcurrency, proxy.queuedCount > 0 {
            #expect(counters.inFlight + proxy.queue.granted >= maximum, "a place is free: \(note)")
        }
    }

    private func expectRecorded(_ run: Run, _ note: Comment) throws {
        let records = run.crowd.records
        let targets = records.map(\.target)
        #expect(Set(targets).count == targets.count, "one record each: \(note)")
        let counters = run.crowd.proxy.counters
        #expect(counters.requests == UInt64(records.count), note)
        #expect(counters.refused == UInt64(records.count { $0.refusal != nil }), note)
        #expect(records.map(\.sequence) == Array(1..<UInt64(records.count + 1)), note)
        for record in records {
            if let promised = record.bytesPromised { #expect(record.bytesSent <= promised, note) }
            if record.status == nil { #expect(record.bytesSent == 0, note) }
            if record.refusal != nil { #expect(record.attempt == nil, note) }
            #expect(record.actualDelay <= record.duration, note)
            if record.status == 200, record.ending == .keep {
                #expect(record.actualDelay >= record.plannedDelay, note)
                if record.faults.isEmpty { #expect(record.actualDelay == 0, note) }
            }
        }
    }

    private static let delays = [
        Toxic(.latency(Latency(latency: 90_000_000, jitter: 80_000_000)), stream: .downstream)
    ]

    @Test func `in flight and peak are the truth, whatever happens`() throws {
        for seed in UInt64(1)...400 {
            var run = try run(seed, before: nil, seed % 5 == 0 ? [] : Self.delays)
            run.halfCloses = seed % 2 == 0
            for _ in 0..<60 {
                step(&run)
                #expect(run.crowd.proxy.counters.inFlight == run.model.underWay.count, "\(seed)")
                let (peak, most) = (run.crowd.proxy.counters.peak, run.model.peak)
                #expect(run.halfCloses ? peak <= most : peak == most, "\(seed)")
                expectSound(run, "seed \(seed)")
            }
            run.crowd.expectNothingLeft("seed \(seed)")
            #expect(run.model.underWay.isEmpty, "\(seed)")
            try expectRecorded(run, "seed \(seed)")
        }
    }

    @Test func `the same before a backend`() throws {
        for seed in UInt64(1)...400 {
            var run = try run(seed, before: .http, seed % 5 == 0 ? [] : Self.delays)
            for _ in 0..<60 {
                step(&run)
                expectSound(run, "seed \(seed)")
            }
            run.crowd.expectNothingLeft("seed \(seed)")
            try expectRecorded(run, "seed \(seed)")
        }
    }

    @Test(arguments: [nil, .http] as [ProxyProtocol?])
    func `who stays gets as many answers as it asked for`(kind: ProxyProtocol?) throws {
        for seed in UInt64(1)...200 {
            let random = TestGenerator(seed: seed &* 0x9e37_79b9_7f4a_7c15 | 1)
            let limits = RequestLimits.concurrency(1 + Int(seed % 4), .queue)
            var run = try run(random, limits, before: kind, Self.delays)
            for _ in 0..<20 { send(&run) }
            for _ in 0..<300 where run.crowd.records.count < run.sent.count {
                run.crowd.answerAll()
                run.crowd.advance(to: run.crowd.clock.now - Crowd.start + 200_000_000)
            }
            let order = run.sent.map(\.target)
            #expect(run.crowd.records.map(\.target).sorted() == order.sorted(), "seed \(seed)")
            #expect(run.crowd.records.allSatisfy { $0.refusal == nil }, "seed \(seed)")
            #expect(run.crowd.proxy.counters.recorded.unplanned == 0, "seed \(seed)")
            for index in run.crowd.clients.indices {
                let own = run.sent.filter { $0.client == index }.map(\.target)
                let number = UInt32(index + 1)
                let told = run.crowd.records.filter { $0.connection == number }.map(\.target)
                #expect(own == told, "the order of one connection, seed \(seed)")
            }
            run.crowd.expectNothingLeft("seed \(seed)")
        }
    }
}
