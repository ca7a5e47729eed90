import Faults
import Records

@testable import ChaosProxy

/// Holds records and counters against the truth.
struct WitnessVerdict {
    unowned let town: WitnessTown
    private var ledger: WitnessLedger { town.ledger }

    // MARK: At each instant

    func afterStep() {
        guard !ledger.isLost else { return }
        let counters = town.proxy.counters
        let (told, true_) = (counters.inFlight, ledger.inFlight)
        if told != true_ { ledger.wrong("in flight", "\(told), in truth \(true_)") }
        let (count, range) = (counters.connections, town.connections)
        if !range.contains(count) { ledger.wrong("connections", "\(count), in truth \(range)") }
        for each in ledger.exchanges where !each.isUncertain { onTime(each) }
        for client in town.clients where client.isGone && !handsOver(client) && !isLate(client) {
            for backend in client.backends where !backend.isLeft {
                ledger.wrong("backend stays", "of client \(client.number), which is gone")
            }
        }
    }

    /// Whether faults may still hold what a client without messages had sent.
    private func handsOver(_ client: WitnessClient) -> Bool {
        !ledger.hasMessages && client.exchanges.contains { !$0.faults(.upstream).isEmpty }
    }

    /// Its FIN to the backend may be held back.
    private func isLate(_ client: WitnessClient) -> Bool {
        guard let end = client.hasEnded, client.meets(.upstream, .holdsEnd) else { return false }
        return ledger.now < end + WitnessPlan.slowClose
    }

    private func onTime(_ exchange: WitnessExchange) {
        if let over = exchange.over {
            guard exchange.record == nil, !exchange.isReportedLate, isRecorded(exchange) else {
                return
            }
            exchange.isReportedLate = true
            let late = ledger.now - over
            ledger.wrong("late record", "\(exchange.name), over \(late) ns ago")
        } else if exchange.record != nil, isRecorded(exchange) {
            ledger.wrong("early record", exchange.name)
        }
    }

    /// Of those that never asked to be let in nobody knows.
    private func isRecorded(_ exchange: WitnessExchange) -> Bool {
        exchange.begun != nil || exchange.leftQueue
    }

    // MARK: At the end

    func atEnd() {
        guard !ledger.isLost else { return }
        for each in ledger.exchanges {
            guard let record = each.record else {
                if isRecorded(each), !each.isUncertain { ledger.wrong("no record", each.name) }
                continue
            }
            if !each.isUncertain { holds(record, each) }
        }
        counters()
        let counters = town.proxy.counters
        let peaks = town.peakConnections
        if !peaks.contains(counters.peakConnections) {
            ledger.wrong("peak of connections", "\(counters.peakConnections) not \(peaks)")
        }
        let left = [
            counters.inFlight, counters.connections, town.proxy.queuedCount,
            town.environment.held.count,
        ]
        if left != [0, 0, 0, 0] { ledger.wrong("something is left", "\(left)") }
    }

    private func equal<Value: Equatable>(
        _ check: String, _ told: Value, _ truth: Value?, _ exchange: WitnessExchange
    ) {
        guard let truth, told != truth else { return }
        ledger.wrong(check, "\(exchange.name) says \(told), in truth \(truth)")
    }

    private func holds(_ record: ExchangeRecord, _ exchange: WitnessExchange) {
        let truth = WitnessTruth(exchange: exchange, ledger: ledger)
        faults(record, exchange, truth)
        let status = truth.isUnreadable || truth.isStatusUnclear ? nil : Optional.some(truth.status)
        equal("status", record.status.map { Int($0.code) }, status, exchange)
        equal("bytes_sent", record.bytesSent, truth.bytesSent, exchange)
        equal("bytes_promised", record.bytesPromised, truth.bytesPromised, exchange)
        equal("mangled", record.isMangled, truth.isMangled, exchange)
        equal("duration", record.duration, truth.duration, exchange)
        equal("planned delay", record.plannedDelay, truth.plannedDelay, exchange)
        equal("actual delay", record.actualDelay, truth.actualDelay, exchange)
        let via = exchange.client.via
        equal("via", record.via, .some(via.map { _ in WitnessTown.otherProxy }), exchange)
        equal("elsewhere", record.isCountedElsewhere, via == .counted, exchange)
        equal("queued", record.queued, truth.queued, exchange)
        equal("gave up", record.hasGivenUp, truth.hasGivenUp, exchange)
        equal("unplanned", record.isUnplanned, truth.isUnplanned(record), exchange)
        // Of a refusal that nobody got the rules say only that it does not count.
        if exchange.refusal == nil || isRefused(exchange) {
            equal("refusal", record.refusal, .some(exchange.refusal), exchange)
        }
        if exchange.refusal == nil, !exchange.leftQueue {
            let isFree = exchange.queuedUntil == nil && !exchange.wasMerged
            equal(
                "in flight at the begin", record.inFlight, isFree ? exchange.inFlight : nil,
                exchange)
            equal("attempt", record.attempt, .some(exchange.attempt), exchange)
        }
        let endings = exchange.endings.map(\.rawValue).sorted()
        if !exchange.endings.contains(record.ending) {
            ledger.wrong("ending", "\(exchange.name) says \(record.ending), in truth \(endings)")
        }
    }

    private func faults(
        _ record: ExchangeRecord, _ exchange: WitnessExchange, _ truth: WitnessTruth
    ) {
        let name = { (fault: FaultPlan.DrawnFault) in
            "\(fault.toxic.name):\(fault.toxic.fault.type.rawValue)"
        }
        let (told, met) = (record.faults.map(name), exchange.met.map(name))
        equal("faults met", told, met, exchange)
        guard told == met else { return }
        if ledger.hasMessages {
            equal("effects", record.faults.map(\.effect), exchange.met.map(\.effect), exchange)
        }
        for (fault, own) in zip(record.faults, exchange.met) {
            guard let acted = truth.hasActed(own), acted != fault.hasActed else { continue }
            let type = own.toxic.fault.type.rawValue
            let verb = acted ? "acted" : "did not act"
            ledger.wrong("acted", "\(exchange.name): \(type) \(own.toxic.stream) \(verb)")
        }
        for stream in [Toxic.Stream.upstream, .downstream] { direction(stream, record, exchange) }
    }

    /// With several faults in a direction: what came out was different, or none of them acted.
    private func direction(
        _ stream: Toxic.Stream, _ record: ExchangeRecord, _ exchange: WitnessExchange
    ) {
        let faults = record.faults.filter { $0.toxic.stream == stream && $0.toxic.fault.hasStage }
        guard faults.count > 1, exchange.isAlone, exchange.respond == nil, !exchange.clientLeft,
            let over = exchange.over
        else { return }
        let flow = stream == .upstream ? exchange.up : exchange.down
        let hasActed = faults.contains(where: \.hasActed)
        let isHeld = flow.held(until: over, withEnd: false) > 0
        if stream == .downstream, isHeld, !hasActed {
            ledger.wrong("acted", "\(exchange.name): \(stream) was held, and nothing acted")
        }
        // One may undo what another has done: lose the bytes that it had put there.
        let damages = faults.count { WitnessActs.alters($0.toxic.fault) }
        guard exchange.endings == [.keep], !exchange.sawChange, hasActed, damages < 2 else {
            return
        }
        let isSame = stream == .upstream || exchange.sent == exchange.honest
        let isOfPieces = faults.contains { fault in
            switch WitnessActs.manner(fault.toxic.fault) {
            case .holds, .holdsEnd: true  // pieces, and ends, may differ where bytes do not
            case .nothing, .swallows, .loses: false
            }
        }
        if flow.inCount == 0 || flow.isPrompt(until: over) && isSame && !isOfPieces {
            ledger.wrong("acted", "\(exchange.name): \(stream) is as it was, and something acted")
        }
    }

    private func counters() {
        let counters = town.proxy.counters
        guard !ledger.exchanges.contains(where: \.isUncertain) else { return }
        let all = ledger.exchanges.filter(\.client.isCounted)
        let begun = all.filter { $0.begun != nil }
        let left = all.count { $0.leftQueue }
        let requests = UInt64(begun.count)...UInt64(begun.count + left)
        if !requests.contains(counters.requests) {
            ledger.wrong("requests", "\(counters.requests), in truth \(requests)")
        }
        let peaks = ledger.settledPeak...ledger.peak
        if !peaks.contains(counters.peak) { ledger.wrong("peak", "\(counters.peak) not \(peaks)") }
        injected(begun)
        count("refused", counters.refused, sum(begun, isRefused))
        recorded(all)
    }

    /// A refusal is one when a byte of it was taken; of the close that it may be, at the FIN.
    private func isRefused(_ exchange: WitnessExchange) -> Bool {
        guard exchange.refusal != nil else { return false }
        if exchange.wasTaken { return true }
        let isByEnd = ledger.limits.overLimit == .close || exchange.request == nil
        return isByEnd && exchange.record?.ending == .fin
    }

    /// An answer of a fault counts with its first byte.
    private func injected(_ begun: [WitnessExchange]) {
        let all = begun.filter { $0.respond != nil }
        // Of random bytes nobody can tell whether they are its own.
        let isClear = all.allSatisfy { each in
            !ledger.isDisturbed(each)
                && !each.faults(.downstream).contains { WitnessActs.alters($0.toxic.fault) }
        }
        if isClear { count("injected", town.proxy.counters.injected, sum(all, \.wasTaken)) }
    }

    private func sum(
        _ exchanges: [WitnessExchange], _ matches: (WitnessExchange) -> Bool
    ) -> UInt64 {
        UInt64(exchanges.count(where: matches))
    }

    private func count(_ name: String, _ told: UInt64, _ truth: UInt64) {
        if told != truth { ledger.wrong(name, "\(told), in truth \(truth)") }
    }

    private func recorded(_ all: [WitnessExchange]) {
        let totals = town.proxy.counters.recorded
        var met: [FaultType: UInt64] = [:]
        for fault in all.filter({ $0.over != nil }).flatMap(\.met) {
            met[fault.toxic.fault.type, default: 0] += 1
        }
        if totals.faults != met { ledger.wrong("faults total", "\(totals.faults) not \(met)") }
        let truths = all.compactMap { each -> (unplanned: Bool?, gaveUp: Bool?)? in
            guard let record = each.record else { return nil }
            let truth = WitnessTruth(exchange: each, ledger: ledger)
            return (truth.isUnplanned(record), truth.hasGivenUp)
        }
        if truths.allSatisfy({ $0.unplanned != nil }) {
            let truth = truths.count { $0.unplanned == true }
            count("unplanned total", totals.unplanned, UInt64(truth))
        }
        if truths.allSatisfy({ $0.gaveUp != nil }) {
            count("gave up total", totals.gaveUp, UInt64(truths.count { $0.gaveUp == true }))
        }
    }
}
