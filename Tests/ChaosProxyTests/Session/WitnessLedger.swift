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
    var plan: FaultPlan
    let twins: WitnessTwins
    var tick: UInt32 = 0

    var exchanges: [WitnessExchange] = []
    var inFlight = 0
    var peak = 0
    /// The same between two callbacks: within one the order is the product's own affair.
    var settledPeak = 0
    var queue: [(exchange: WitnessExchange, expires: UInt32)] = []
    /// Those that wait for their turn only: with a place, or for none any more.
    var released: [WitnessExchange] = []
    var drawn: UInt64 = 0
    var connections: UInt64 = 0
    var byTarget: [String: WitnessExchange] = [:]
    /// Set when something has happened that can be read in two ways.
    var isLost = false
    /// What is wrong already while it goes on, by the name of the check.
    var wrongs: [(check: String, detail: String)] = []
    var log: ((String) -> Void)?

    init(
        _ clock: ManualClock, _ kind: ProxyProtocol, isSite: Bool, _ toxics: [Toxic],
        _ limits: RequestLimits, _ twins: WitnessTwins
    ) {
        (self.clock, self.kind, self.isSite, self.limits) = (clock, kind, isSite, limits)
        self.twins = twins
        plan = Self.plan(toxics)
    }

    static func plan(_ toxics: [Toxic]) -> FaultPlan {
        FaultPlan(toxics, proxy: "test", seed: 42)
    }

    var hasMessages: Bool { kind == .http }
    var now: UInt64 { clock.now }

    func wrong(_ check: String, _ detail: @autoclosure () -> String) {
        guard !isLost, !wrongs.contains(where: { $0.check == check }) else { return }
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
        if !plan.isEmpty { exchange.met = plan.draw(DrawKey(connection: connections)) }
        begin(exchange)
    }

    func add(_ client: WitnessClient, _ request: WitnessRequest?) -> WitnessExchange {
        let number = UInt32(client.exchanges.count + 1)
        let exchange = WitnessExchange(client, number, request, at: now)
        for other in client.underWay { (other.isAlone, exchange.isAlone) = (false, false) }
        client.exchanges.append(exchange)
        exchanges.append(exchange)
        if let request { byTarget[request.target] = exchange }
        return exchange
    }

    /// A request has come, or enough of it.
    func arrives(_ request: WitnessRequest, from client: WitnessClient) {
        let exchange = add(client, request)
        if client.delivered >= request.end { exchange.complete = now }
        if client.isQueued { client.pending.append(exchange) } else { asks(exchange) }
    }

    /// Asks to be let in.
    func asks(_ exchange: WitnessExchange) {
        exchange.askedAt = now
        if exchange.client.isSurplus { return refuse(exchange, .maxConnections) }
        guard exchange.client.isCounted else { return enters(exchange) }
        guard let maximum = limits.maxConcurrency, taken >= maximum else {
            return enters(exchange)
        }
        guard limits.overLimit == .queue else { return refuse(exchange, .maxConcurrency) }
        exchange.client.isQueued = true
        queue.append((exchange, tick + RequestLimits.maximumWait + 1))
    }

    func refuse(_ exchange: WitnessExchange, _ reason: ExchangeRecord.Refusal) {
        exchange.refusal = reason
        exchange.begun = now
        // Behind a connection that ends nothing is read.
        if limits.overLimit == .close || reason == .maxConnections {
            exchange.client.isRefused = true
        }
    }

    func enters(_ exchange: WitnessExchange) {
        guard let request = exchange.request else { return }
        if !plan.isEmpty {
            drawn += 1
            exchange.attempt = 1
            let hash = SeededGenerator.hash(request.target.utf8)
            exchange.met = plan.draw(DrawKey(target: hash, attempt: 1, number: drawn))
        }
        begin(exchange)
        // A client that may be gone keeps no place.
        let client = exchange.client
        if client.hasEnded != nil, client.socket.peerHasGone == nil { leaveFlight(exchange) }
        let there = isSite ? request.headCount : exchange.client.delivered - request.start
        exchange.up.goesIn(min(there, request.bytes.count), at: now)
        injects(exchange)
    }

    func begin(_ exchange: WitnessExchange) {
        exchange.begun = now
        guard exchange.client.isCounted else { return exchange.inFlight = inFlight }
        exchange.isCounted = true
        inFlight += 1
        exchange.inFlight = inFlight
        peak = max(peak, inFlight)
    }

    /// A fault answers; without others on the way it does so when the request is there.
    func injects(_ exchange: WitnessExchange) {
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
        if exchange.begun == nil { goesOn(exchange.client) }
        exchange.wasAsked = true
        exchange.up.comesOut(request.headCount, at: now)
        exchange.honest = twins.honest(request)
        goesDown(exchange.honest.count, exchange)
        return request.siteAnswer
    }

    /// Bytes of the answer have come, the head apart from what follows it.
    func goesDown(_ count: Int, _ exchange: WitnessExchange) {
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

    // MARK: Toxics, records

    func changes(_ toxics: [Toxic]) {
        plan = Self.plan(toxics)
        for each in exchanges where each.over == nil {
            each.sawChange = true
            for fault in each.met where !plan.names.contains(fault.toxic.name) {
                each.removed[fault.toxic.name] = each.removed[fault.toxic.name] ?? now
            }
            // Of a connection that ends nothing is drawn any more.
            if each.client.socket.isClosing { continue }
            guard !hasMessages, !plan.isEmpty, each.refusal == nil else { continue }
            for fault in plan.draw(DrawKey(connection: each.ordinal)) {
                let isKnown = each.met.contains {
                    $0.toxic.name == fault.toxic.name
                        && $0.toxic.stream == fault.toxic.stream
                        && $0.toxic.fault.type == fault.toxic.fault.type
                }
                if !isKnown { each.met.append(fault) }
            }
        }
    }

    func takes(_ record: ExchangeRecord) {
        let own = exchanges.first {
            $0.client.number == record.connection && $0.number == record.exchange
        }
        log?(
            "    record: \(record.connection).\(record.exchange) \(record.ending.rawValue), "
                + "status \(record.status?.code ?? 0), \(record.bytesSent) bytes")
        guard let own else {
            return wrong("record of nothing", "\(record.connection).\(record.exchange)")
        }
        guard own.record == nil else { return wrong("two records", own.name) }
        (own.record, own.recordedAt) = (record, now)
        let client = own.client
        if own.begun == nil, own.over == nil {
            // It has never had its turn.
            if record.ending != .keep { return forgetWaiting(client) }
            goesOn(client)
        }
        guard own.over == nil, isTrusted(own) else { return }
        own.isTrusted = true
        ends(own, [record.ending])
    }
}
