import Faults
import HTTPWire
import Records
import TestSupport

@testable import ChaosProxy

// When exchanges are over, and who gets their place.
extension WitnessLedger {
    /// Our FIN has gone to the client.
    func finishes(_ exchange: WitnessExchange) {
        if let closed = exchange.client.closedAt, closed == exchange.arrived,
            exchange.down.outCount == 0
        {
            exchange.isUncertain = true
        }
        exchange.down.endOut = now
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

    func admitWaiting() {
        guard let maximum = limits.maxConcurrency else { return }
        while inFlight < maximum, !queue.isEmpty {
            let exchange = queue.removeFirst().exchange
            exchange.queuedUntil = now
            goesOn(exchange.client) { enters(exchange) }
        }
    }

    /// One that waited has its answer to whether it may; those behind it ask.
    func goesOn(_ client: WitnessClient, _ body: () -> Void) {
        client.isQueued = false
        body()
        while !client.isQueued, !client.pending.isEmpty { asks(client.pending.removeFirst()) }
    }

    /// Nothing more happens in this instant.
    func settles() { settledPeak = max(settledPeak, inFlight) }

    /// A second has gone by.
    func ticks(_ tick: UInt32) {
        self.tick = tick
        while let first = queue.first, tick >= first.expires {
            queue.removeFirst()
            first.exchange.queuedUntil = now
            goesOn(first.exchange.client) { refuse(first.exchange, .maxConcurrency) }
        }
    }
}
