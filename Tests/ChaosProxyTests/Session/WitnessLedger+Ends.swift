import Faults
import HTTPWire
import Records
import TestSupport

@testable import ChaosProxy

// When exchanges are over, and who gets their place.
extension WitnessLedger {
    /// Our FIN has gone to the client.
    func finishes(_ exchange: WitnessExchange) {
        exchange.down.endOut = now
        // An answer that ends with the backend's FIN has been complete since then.
        if isComplete(exchange) { exchange.isAnswered = true }
        ends(exchange, endings(exchange, isReset: false))
    }

    /// How an end of ours may be told, from what may have been the reason.
    func endings(
        _ exchange: WitnessExchange, isReset: Bool
    ) -> Set<ExchangeRecord.Ending> {
        let client = exchange.client
        if isReset, let since = client.socket.stalledSince, now - since > 20_000_000_000 {
            return [.timeout]
        }
        if !isReset, hasMessages, exchange.isAnswered, closes(exchange) { return [.fin] }
        var possible: Set<ExchangeRecord.Ending> = []
        if !isReset, exchange.refusal != nil, limits.overLimit == .close { possible.insert(.fin) }
        if !isReset, isTrusted(exchange), closes(exchange) { possible.insert(.fin) }
        let faults = client.exchanges.flatMap(\.met).map(\.toxic.fault)
        if faults.contains(where: { WitnessActs.cuts($0, isReset: isReset) }) {
            possible.insert(isReset ? .rst : .fin)
        }
        // Behind an answer that ends the connection.
        if !isReset, client.exchanges.contains(where: { $0.isAnswered && closes($0) }) {
            possible.insert(.fin)
        }
        possible.formUnion(backendEndings(exchange, isReset: isReset))
        return possible.isEmpty ? [isReset ? .rst : .fin] : possible
    }

    /// What the backend, or the client's own FIN, may have to do with it.
    private func backendEndings(
        _ exchange: WitnessExchange, isReset: Bool
    ) -> Set<ExchangeRecord.Ending> {
        let client = exchange.client
        var possible: Set<ExchangeRecord.Ending> = []
        if !isSite, !isReset, exchange.request?.answer.kind == .untilEnd { possible.insert(.fin) }
        if client.sawSurplus { possible.formUnion([.backendMalformed, .backendFin]) }
        let isFirst = client.backendEndedFirst || client.hasEnded == nil
        if let end = client.backendEnd, hasMessages || isReset || isFirst || end != .backendFin {
            let isNonsense = client.exchanges.contains { $0.request?.answer.kind == .nonsense }
            if isNonsense, !isSite { possible.insert(.backendMalformed) }
            if isNonsense, exchange.request?.answer.kind == .nonsense, exchange.down.inCount > 0,
                exchange.down.inCount == exchange.honest.count, exchange.respond == nil
            {
                return possible
            }
            possible.insert(end)
        }
        guard client.hasEnded != nil, !client.backendEndedFirst else { return possible }
        possible.insert(.clientFin)
        if hasMessages, hasNonsense(client) { possible.insert(.backendMalformed) }
        if hasMessages, !isReset { possible.insert(.fin) }
        return possible
    }

    func leaveFlight(_ exchange: WitnessExchange) {
        guard exchange.isCounted else { return }
        exchange.isCounted = false
        inFlight -= 1
        admitWaiting()
    }

    /// - Parameter isLost: what the peer has not acknowledged it will never have.
    func ends(
        _ exchange: WitnessExchange, _ endings: Set<ExchangeRecord.Ending>, isLost: Bool = false
    ) {
        guard exchange.over == nil else { return }
        // Read in one piece with one that ended the connection, it may not have been read at all.
        if exchange.wasMerged, now == exchange.arrived, exchange.down.outCount == 0 {
            exchange.isUncertain = true
        }
        (exchange.over, exchange.endings) = (now, endings)
        exchange.wasClosing = exchange.client.closedAt != nil
        let socket = exchange.client.socket
        if let start = exchange.outStart {
            let there = isLost ? socket.acknowledged : socket.taken
            let end = min(start + exchange.down.outCount, there)
            exchange.wasTaken = exchange.down.outCount > 0 && socket.taken > start
            if end > start { exchange.sent = Array(socket.written[start..<end]) }
        }
        let time = Double(now - WitnessTown.start) / 1e6
        log?("    over: \(exchange.name) \(endings.map(\.rawValue).sorted()) at \(time)")
        leaveFlight(exchange)
    }

    /// Places that are taken, or given to those that have not had their turn.
    var taken: Int { inFlight + released.count(where: \.hasPlace) }

    func admitWaiting() {
        guard let maximum = limits.maxConcurrency else { return }
        while taken < maximum, !queue.isEmpty {
            let exchange = queue.removeFirst().exchange
            exchange.hasPlace = true
            released.append(exchange)
        }
    }

    /// A session has had its turn: one that waited goes on, and those behind it ask.
    func goesOn(_ client: WitnessClient) {
        guard let index = released.firstIndex(where: { $0.client === client }) else { return }
        let exchange = released.remove(at: index)
        exchange.queuedUntil = now
        client.isQueued = false
        if exchange.hasPlace { enters(exchange) } else { refuse(exchange, .maxConcurrency) }
        while !client.isQueued, !client.pending.isEmpty {
            // A fault may have made nonsense of the one before.
            if client.underWay.contains(where: { $0.begun != nil && isDisturbed($0) }) {
                isLost = true
            }
            asks(client.pending.removeFirst())
        }
    }

    /// - Returns: whether it was waiting, with or without a place.
    @discardableResult
    func stopsWaiting(_ exchange: WitnessExchange) -> Bool {
        let count = queue.count + released.count
        queue.removeAll { $0.exchange === exchange }
        released.removeAll { $0 === exchange }
        return queue.count + released.count < count
    }

    /// Nothing more happens in this instant.
    func settles() { settledPeak = max(settledPeak, inFlight) }

    /// A second has gone by.
    func ticks(_ tick: UInt32) {
        self.tick = tick
        while let first = queue.first, tick >= first.expires {
            queue.removeFirst()
            released.append(first.exchange)
        }
    }
}
