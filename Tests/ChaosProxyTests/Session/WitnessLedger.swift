import Faults
import HTTPWire
import Records
import TestSupport

@testable import ChaosProxy

/// What the witness believes, from what it sees on the wire alone: which exchanges there are, who
/// is under way, and who waits. Nothing of it is asked of the product but the records of exchanges
/// whose end a fault has made invisible.
final class WitnessLedger {
    let clock: ManualClock
    let kind: ProxyProtocol
    let isSite: Bool
    var limits: RequestLimits
    private(set) var plan: FaultPlan
    private let twins: WitnessTwins
    var tick: UInt32 = 0

    private(set) var exchanges: [WitnessExchange] = []
    private(set) var inFlight = 0
    private(set) var peak = 0
    private var queue: [(exchange: WitnessExchange, expires: UInt32)] = []
    private var drawn: UInt64 = 0
    private var connections: UInt64 = 0
    private var byTarget: [String: WitnessExchange] = [:]
    /// What is wrong already while it goes on, by the name of the check.
    private(set) var wrongs: [(check: String, detail: String)] = []
    var log: ((String) -> Void)?

    init(
        _ clock: ManualClock, _ kind: ProxyProtocol, isSite: Bool, _ toxics: [Toxic],
        _ limits: RequestLimits, _ twins: WitnessTwins
    ) {
        (self.clock, self.kind, self.isSite, self.limits) = (clock, kind, isSite, limits)
        self.twins = twins
        plan = Self.plan(toxics)
    }

    private static func plan(_ toxics: [Toxic]) -> FaultPlan {
        FaultPlan(toxics, proxy: "test", seed: 42)
    }

    var hasMessages: Bool { kind == .http }
    var now: UInt64 { clock.now }

    func wrong(_ check: String, _ detail: @autoclosure () -> String) {
        guard !wrongs.contains(where: { $0.check == check }) else { return }
        wrongs.append((check, detail()))
        log?("!!! \(check): \(detail())")
    }

    // MARK: Exchanges begin

    func joins(_ client: WitnessClient) {
        guard !hasMessages else { return }
        let exchange = add(client, nil)
        if client.isSurplus { return refuse(exchange, .maxConnections) }
        connections += 1
        exchange.ordinal = connections
        if !plan.isEmpty { exchange.met = plan.draw(Exchange(connection: connections)) }
        begin(exchange)
    }

    private func add(_ client: WitnessClient, _ request: WitnessRequest?) -> WitnessExchange {
        let number = UInt32(client.exchanges.count + 1)
        let exchange = WitnessExchange(client, number, request, at: now)
        for other in client.underWay { (other.isAlone, exchange.isAlone) = (false, false) }
        client.exchanges.append(exchange)
        exchanges.append(exchange)
        if let request { byTarget[request.target] = exchange }
        return exchange
    }

    /// A request has come, or enough of it.
    private func arrives(_ request: WitnessRequest, from client: WitnessClient) {
        let exchange = add(client, request)
        if client.delivered >= request.end { exchange.complete = now }
        if client.isQueued { client.pending.append(exchange) } else { asks(exchange) }
    }

    /// Asks to be let in.
    private func asks(_ exchange: WitnessExchange) {
        exchange.askedAt = now
        if exchange.client.isSurplus { return refuse(exchange, .maxConnections) }
        guard let maximum = limits.maxConcurrency, inFlight >= maximum else {
            return enters(exchange)
        }
        guard limits.overLimit == .queue else { return refuse(exchange, .maxConcurrency) }
        exchange.client.isQueued = true
        queue.append((exchange, tick + RequestLimits.maximumWait + 1))
    }

    private func refuse(_ exchange: WitnessExchange, _ reason: ExchangeRecord.Refusal) {
        exchange.refusal = reason
        exchange.begun = now
        // Behind a connection that ends nothing is read.
        if limits.overLimit == .close || reason == .maxConnections {
            exchange.client.isRefused = true
        }
    }

    private func enters(_ exchange: WitnessExchange) {
        guard let request = exchange.request else { return }
        if !plan.isEmpty {
            drawn += 1
            exchange.attempt = 1
            let hash = SeededGenerator.hash(request.target.utf8)
            exchange.met = plan.draw(Exchange(target: hash, attempt: 1, number: drawn))
        }
        begin(exchange)
        let there = isSite ? request.headCount : exchange.client.delivered - request.start
        exchange.up.goesIn(min(there, request.bytes.count), at: now)
        injects(exchange)
    }

    private func begin(_ exchange: WitnessExchange) {
        exchange.begun = now
        exchange.isCounted = true
        inFlight += 1
        exchange.inFlight = inFlight
        peak = max(peak, inFlight)
    }

    /// A fault answers; without others on the way it does so when the request is there.
    private func injects(_ exchange: WitnessExchange) {
        guard let request = exchange.request, let status = exchange.injectedStatus else { return }
        exchange.honest = twins.injected(status, to: request)
        guard exchange.faults(.upstream).isEmpty, exchange.complete != nil else { return }
        goesDown(exchange.honest.count, exchange)
    }

    /// The site is asked: its answer lies there in this instant.
    func asked(_ target: String) -> SiteAnswer {
        guard let exchange = byTarget[target], let request = exchange.request else {
            return .made(HTTPResponse(404))
        }
        exchange.wasAsked = true
        exchange.up.comesOut(request.headCount, at: now)
        exchange.honest = twins.honest(request)
        goesDown(exchange.honest.count, exchange)
        return request.siteAnswer
    }

    /// Bytes of the answer have come, the head apart from what follows it.
    private func goesDown(_ count: Int, _ exchange: WitnessExchange) {
        let head = Self.headCount(exchange.honest) ?? 0
        let left = max(head - exchange.down.inCount, 0)
        exchange.down.goesIn(min(left, count), at: now)
        exchange.down.goesIn(count - min(left, count), at: now)
    }

    static func headCount(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        for index in 3..<bytes.count where bytes[index] == 10 {
            if bytes[index - 1] == 13, bytes[index - 2] == 10 { return index + 1 }
        }
        return nil
    }

    // MARK: What the client's socket shows

    func saw(_ event: WitnessSocket.Event, at client: WitnessClient) {
        switch event {
        case .delivers(let count): delivered(count, from: client)
        case .hearsEnd: ended(client)
        case .hearsReset:
            client.isGone = true
            leaves(client, client.hasEnded == nil ? .clientRST : .clientFin, isLost: true)
        case .wrote(let count): wrote(count, to: client)
        case .took: checkAnswered(client)
        case .closes: if client.closedAt == nil { client.closedAt = now }
        case .fin:
            client.hasFin = true
            for each in client.underWay { finishes(each) }
        case .rst:
            for each in client.underWay {
                ends(each, endings(each, isReset: true), isLost: true)
            }
        case .released: client.isReleased = true
        }
    }

    private func delivered(_ count: Int, from client: WitnessClient) {
        let before = client.delivered
        client.delivered += count
        guard hasMessages else {
            client.exchanges.first?.up.goesIn(count, at: now)
            return
        }
        for exchange in client.underWay { cameMore(exchange, since: before) }
        while client.arrived < client.requests.count, !client.isRefused {
            let request = client.requests[client.arrived]
            let needed = isSite ? request.bytes.count : request.headCount
            guard client.delivered >= request.start + needed else { return }
            client.arrived += 1
            arrives(request, from: client)
        }
    }

    /// More of a request that has begun before a backend.
    private func cameMore(_ exchange: WitnessExchange, since before: Int) {
        guard let request = exchange.request, exchange.complete == nil else { return }
        let more = min(exchange.client.delivered, request.end) - before
        if exchange.client.delivered >= request.end { exchange.complete = now }
        guard exchange.begun != nil, exchange.refusal == nil else { return }
        exchange.up.goesIn(more, at: now)
        injects(exchange)
    }

    private func ended(_ client: WitnessClient) {
        client.hasEnded = now
        switch client.socket.peerHasGone {
        case true?:
            client.isGone = true
            leaves(client, .clientFin, isLost: false)
        case false?: client.underWay.first?.up.endIn = now
        case nil: for each in client.underWay { leaveFlight(each) }
        }
    }

    /// The client is gone, and with it all that it was owed.
    private func leaves(
        _ client: WitnessClient, _ ending: ExchangeRecord.Ending, isLost: Bool
    ) {
        for each in client.underWay {
            each.clientLeft = true
            if each.begun == nil {
                each.leftQueue = queue.contains { $0.exchange === each }
                queue.removeAll { $0.exchange === each }
            }
            ends(each, [ending], isLost: isLost)
        }
        client.pending = []
    }

    private func wrote(_ count: Int, to client: WitnessClient) {
        var left = count
        while left > 0 {
            guard let speaker = client.underWay.first(where: { rest($0) > 0 }) else {
                return wrong("stray bytes", "\(left) bytes to client \(client.number)")
            }
            expectNoSurplus(left, speaker)
            speaker.outStart = speaker.outStart ?? client.socket.written.count - left
            let part = min(left, rest(speaker))
            if speaker.respond != nil, speaker.down.inCount == 0 {
                speaker.up.comesOut(speaker.up.inCount, at: now)
            }
            speaker.down.comesOut(part, at: now)
            left -= part
        }
    }

    private func expectNoSurplus(_ count: Int, _ speaker: WitnessExchange) {
        let isRandom = speaker.met.contains { $0.toxic.fault.type.rawValue == "corrupt" }
        let bytes = speaker.client.socket.written.suffix(count)
        guard hasMessages, !isRandom, bytes.contains(WitnessAnswer.excess) else { return }
        wrong("excess reached the client", speaker.name)
    }

    /// How much of its answer is still to come.
    private func rest(_ exchange: WitnessExchange) -> Int {
        guard exchange.begun != nil else { return 0 }
        guard let count = expectedOut(exchange) else { return .max }
        return max(count - exchange.down.outCount, 0)
    }

    /// How many bytes its client gets if nothing ends before; nil if that cannot be told yet.
    private func expectedOut(_ exchange: WitnessExchange) -> Int? {
        guard hasMessages, exchange.begun != nil else { return nil }
        let socket = exchange.client.socket
        if exchange.refusal != nil || isDisturbed(exchange) {
            guard let start = exchange.outStart else { return nil }
            let isHead = exchange.request?.isHead ?? false
            return Self.answerCount(socket.written[start...], isHead: isHead)
        }
        guard !exchange.honest.isEmpty, !isTrusted(exchange) else { return nil }
        if exchange.request?.answer.kind == .nonsense, exchange.respond == nil, !isSite {
            return nil
        }
        let whole = exchange.honest.count
        for fault in exchange.faults(.downstream) {
            guard case .corrupt(let corrupt) = fault.toxic.fault else { continue }
            return corrupt.inject ? whole + corrupt.bytes : corrupt.bytes
        }
        return whole
    }

    /// Whether the site may not have understood what it was asked.
    func isDisturbed(_ exchange: WitnessExchange) -> Bool {
        isSite && exchange.respond == nil
            && exchange.faults(.upstream).contains { WitnessActs.alters($0.toxic.fault) }
    }

    private static func answerCount(_ bytes: ArraySlice<UInt8>, isHead: Bool) -> Int? {
        guard let head = headCount(Array(bytes)) else { return nil }
        let text = String(decoding: bytes.prefix(head), as: UTF8.self)
        // What is not understood has no method.
        let isHead = isHead && !text.hasPrefix("HTTP/1.1 400 ")
        let line = text.split(separator: "\r\n").first { $0.hasPrefix("Content-Length: ") }
        return head + (isHead ? 0 : line.flatMap { Int($0.dropFirst(16)) } ?? 0)
    }

    /// Whether nobody outside can tell where its answer ends.
    func isTrusted(_ exchange: WitnessExchange) -> Bool {
        let down = exchange.faults(.downstream)
        return down.contains { fault in
            switch fault.toxic.fault {
            case .packetLoss: true
            case .corrupt(let corrupt):
                down.count > 1 || exchange.sawChange || corrupt.bytes == 0
            case .noop, .latency, .bandwidth, .slicer, .limitData, .slowClose, .timeout,
                .resetPeer, .respond:
                false
            }
        }
    }

    /// The kernel has taken more: perhaps all of an answer.
    private func checkAnswered(_ client: WitnessClient) {
        for each in client.underWay {
            guard each.begun != nil, let count = expectedOut(each), let start = each.outStart,
                each.down.outCount >= count, client.socket.taken >= start + count
            else { return }
            each.isAnswered = true
            if closes(each) { return }
            ends(each, client.hasEnded == nil ? [.keep] : [.keep, .fin, .clientFin])
        }
    }

    /// Whether our FIN follows behind its answer, and belongs to it.
    func closes(_ exchange: WitnessExchange) -> Bool {
        guard let request = exchange.request else { return true }
        if request.closes { return true }
        let isServed = exchange.respond == nil && exchange.refusal == nil
        if !isSite, isServed, request.answer.kind == .untilEnd { return true }
        guard exchange.refusal != nil || isDisturbed(exchange), let start = exchange.outStart
        else { return false }
        let bytes = exchange.client.socket.written[start...]
        return String(decoding: bytes, as: UTF8.self).contains("Connection: close")
    }

    // MARK: What the backend's socket shows

    func saw(_ event: WitnessSocket.Event, at backend: WitnessBackend) {
        let client = backend.client
        switch event {
        case .delivers(let count): replied(count, on: backend)
        case .hearsEnd: backendEnded(client, .backendFin)
        case .hearsReset: backendEnded(client, .backendRST)
        case .wrote(let count): reached(count, client)
        case .fin: if !hasMessages { client.exchanges.first?.up.endOut = now }
        case .took, .closes, .rst, .released: break
        }
    }

    private func replied(_ count: Int, on backend: WitnessBackend) {
        var left = count
        while left > 0, !backend.onTheWay.isEmpty {
            let part = min(left, backend.onTheWay[0].count)
            let exchange = backend.onTheWay[0].exchange
            backend.onTheWay[0].count -= part
            if backend.onTheWay[0].count == 0 { backend.onTheWay.removeFirst() }
            left -= part
            if let exchange, exchange.over == nil { goesDown(part, exchange) }
        }
    }

    private func reached(_ count: Int, _ client: WitnessClient) {
        var left = count
        for each in client.exchanges where left > 0 && each.respond == nil {
            let part = min(left, hasMessages ? max(each.up.inCount - each.up.outCount, 0) : left)
            each.up.comesOut(part, at: now)
            left -= part
        }
    }

    func backendEnded(_ client: WitnessClient, _ ending: ExchangeRecord.Ending) {
        client.backendEnd = ending
        for each in client.underWay {
            each.isBackendDone = true
            if ending == .backendFin { each.down.endIn = now }
        }
    }

    // MARK: Exchanges end

    /// Our FIN has gone to the client.
    private func finishes(_ exchange: WitnessExchange) {
        if let closed = exchange.client.closedAt, closed == exchange.arrived,
            exchange.down.outCount == 0
        {
            exchange.isUncertain = true
        }
        exchange.down.endOut = now
        ends(exchange, endings(exchange, isReset: false))
    }

    /// How an end of ours may be told, from what may have been the reason.
    private func endings(
        _ exchange: WitnessExchange, isReset: Bool
    ) -> Set<ExchangeRecord.Ending> {
        let client = exchange.client
        if isReset, let since = client.socket.stalledSince, now - since > 20_000_000_000 {
            return [.timeout]
        }
        if !isReset, hasMessages, exchange.isAnswered, closes(exchange) { return [.fin] }
        var possible: Set<ExchangeRecord.Ending> = []
        let faults = client.exchanges.flatMap(\.met).map(\.toxic.fault)
        if faults.contains(where: { WitnessActs.cuts($0, isReset: isReset) }) {
            possible.insert(isReset ? .rst : .fin)
        }
        if let end = client.backendEnd { possible.insert(end) }
        if client.hasEnded != nil, !isReset { possible.formUnion([.clientFin, .fin]) }
        let isNonsense = client.exchanges.contains { $0.request?.answer.kind == .nonsense }
        if !isSite, hasMessages, isNonsense, client.backendEnd != nil {
            possible.insert(.backendMalformed)
        }
        return possible.isEmpty ? [isReset ? .rst : .fin] : possible
    }

    private func leaveFlight(_ exchange: WitnessExchange) {
        guard exchange.isCounted else { return }
        exchange.isCounted = false
        inFlight -= 1
        admitWaiting()
    }

    /// - Parameter isLost: what the peer has not acknowledged it will never have.
    private func ends(
        _ exchange: WitnessExchange, _ endings: Set<ExchangeRecord.Ending>, isLost: Bool = false
    ) {
        guard exchange.over == nil else { return }
        (exchange.over, exchange.endings) = (now, endings)
        let socket = exchange.client.socket
        if let start = exchange.outStart {
            let there = isLost ? socket.acknowledged : socket.taken
            let end = min(start + exchange.down.outCount, there)
            if end > start { exchange.sent = Array(socket.written[start..<end]) }
        }
        log?("    over: \(exchange.name) \(endings.map(\.rawValue).sorted())")
        leaveFlight(exchange)
    }

    private func admitWaiting() {
        guard let maximum = limits.maxConcurrency else { return }
        while inFlight < maximum, !queue.isEmpty {
            let exchange = queue.removeFirst().exchange
            exchange.queuedUntil = now
            goesOn(exchange.client) { enters(exchange) }
        }
    }

    /// One that waited has its answer to whether it may; those behind it ask.
    private func goesOn(_ client: WitnessClient, _ body: () -> Void) {
        client.isQueued = false
        body()
        while !client.isQueued, !client.pending.isEmpty { asks(client.pending.removeFirst()) }
    }

    /// A second has gone by.
    func ticks(_ tick: UInt32) {
        self.tick = tick
        while let first = queue.first, tick >= first.expires {
            queue.removeFirst()
            first.exchange.queuedUntil = now
            goesOn(first.exchange.client) { refuse(first.exchange, .maxConcurrency) }
        }
    }

    // MARK: Toxics, records

    func changes(_ toxics: [Toxic]) {
        plan = Self.plan(toxics)
        for each in exchanges where each.over == nil {
            each.sawChange = true
            guard !hasMessages, !plan.isEmpty, each.refusal == nil else { continue }
            for fault in plan.draw(Exchange(connection: each.ordinal)) {
                let isKnown = each.met.contains {
                    $0.toxic.name == fault.toxic.name && $0.toxic.fault.type == fault.toxic.fault.type
                }
                if !isKnown { each.met.append(fault) }
            }
        }
    }

    func takes(_ record: ExchangeRecord) {
        let own = exchanges.first {
            $0.client.number == record.connection && $0.number == record.exchange
        }
        log?("    record: \(record.connection).\(record.exchange) \(record.ending.rawValue)")
        guard let own else {
            return wrong("record of nothing", "\(record.connection).\(record.exchange)")
        }
        guard own.record == nil else { return wrong("two records", own.name) }
        (own.record, own.recordedAt) = (record, now)
        guard own.over == nil, isTrusted(own) else { return }
        own.isTrusted = true
        ends(own, [record.ending])
    }
}
