import Faults
import HTTPWire
import Records

/// What a record should say, as far as it can be told from outside. What is nil cannot.
struct WitnessTruth {
    let exchange: WitnessExchange
    let ledger: WitnessLedger

    private var isHTTP: Bool { ledger.hasMessages }
    private var over: UInt64 { exchange.over ?? ledger.now }
    private var isServed: Bool { exchange.refusal == nil && exchange.respond == nil }
    private var isNonsense: Bool {
        !ledger.isSite && isHTTP && isServed && exchange.request?.answer.kind == .nonsense
    }
    private var isDisturbed: Bool { ledger.isDisturbed(exchange) }

    /// What of the honest answer was to leave; of what we say ourselves all of it is honest.
    private var honest: [UInt8] {
        exchange.refusal != nil || isDisturbed ? exchange.sent : exchange.honest
    }

    private func down(_ matches: (Fault) -> Bool) -> Bool {
        exchange.faults(.downstream).contains { matches($0.toxic.fault) }
    }

    private var isCorrupted: Bool {
        down { if case .corrupt = $0 { true } else { false } }
    }

    // MARK: What left

    /// nil where bytes may be missing between others of their kind.
    var isMangled: Bool? {
        if isUnreadable { return nil }
        guard honest.starts(with: exchange.sent) else { return true }
        let isWhole = exchange.sent.isEmpty || exchange.sent.count == honest.count
        let mayLack = down { if case .packetLoss = $0 { true } else { false } }
        return mayLack && !isWhole ? nil : false
    }

    /// Nobody knows what was to be said, and it is not what was said.
    var isUnreadable: Bool { isDisturbed && down(WitnessActs.alters) }

    /// The status, if its line left as it was.
    var status: Int? {
        guard isHTTP else { return nil }
        let honest = honest
        guard let line = honest.firstIndex(of: 10), exchange.sent.count > line,
            exchange.sent[...line] == honest[...line], honest.starts(with: Array("HTTP/1.".utf8))
        else { return nil }
        return Int(String(decoding: honest[9..<12], as: UTF8.self))
    }

    /// Whether the last byte of the status line may be that of another line, what lay between the
    /// two being lost.
    var isStatusUnclear: Bool {
        let mayLack = down { if case .packetLoss = $0 { true } else { false } }
        guard mayLack, let line = honest.firstIndex(of: 10), exchange.sent.count > line + 1 else {
            return false
        }
        return exchange.sent[line + 1] != honest[line + 1]
    }

    var bytesSent: Int? {
        guard isHTTP else { return exchange.sent.count }
        if isNonsense { return nil }
        if isServed, !isDisturbed, let key = exchange.request?.key, !isCorrupted {
            return exchange.sent.count { $0 == key }
        }
        if isCorrupted { return bytesSentCorrupted }
        guard isMangled == false else { return nil }
        let head = WitnessLedger.headCount(honest) ?? exchange.sent.count
        return max(exchange.sent.count - head, 0)
    }

    private var bytesSentCorrupted: Int? {
        let faults = exchange.faults(.downstream)
        guard faults.count == 1, !exchange.sawChange, exchange.refusal == nil, !isDisturbed,
            case .corrupt(let corrupt) = faults[0].toxic.fault
        else { return nil }
        if !corrupt.inject { return 0 }
        let isWhole = exchange.sent.count == exchange.honest.count + corrupt.bytes
        guard isWhole, let head = WitnessLedger.headCount(exchange.honest) else { return nil }
        let chunked = exchange.respond == nil && !ledger.isSite
        return chunked ? exchange.request?.answer.content : exchange.honest.count - head
    }

    /// The outer nil: not known.
    var bytesPromised: Int?? {
        guard isHTTP else { return .some(nil) }
        guard exchange.refusal == nil, !isDisturbed, !isNonsense else { return nil }
        if exchange.respond != nil {
            guard exchange.down.inCount > 0, let head = WitnessLedger.headCount(exchange.honest)
            else { return nil }
            return .some(exchange.honest.count - head)
        }
        guard let request = exchange.request else { return nil }
        if ledger.isSite {
            let count = request.isHead ? 0 : request.size
            return .some(exchange.wasAsked ? count : nil)
        }
        let hasHead = exchange.down.inCount >= request.answer.headCount
        return .some(hasHead ? request.answer.promised : nil)
    }

    // MARK: Faults

    /// Whether each of those met has acted.
    func hasActed(_ fault: FaultPlan.DrawnFault) -> Bool? {
        if case .respond = fault.effect {
            let isFirst = exchange.respond?.toxic.name == fault.toxic.name
            let isClear = isFirst && !isDisturbed && !down(WitnessActs.alters)
            return isClear ? exchange.wasTaken : nil
        }
        if case .noop = fault.toxic.fault { return false }
        // What is left of the request decides what is answered, or that it is nonsense.
        if fault.toxic.stream == .downstream, isDisturbed { return nil }
        let others = exchange.faults(fault.toxic.stream)
        guard others.count == 1 else { return nil }
        if fault.toxic.stream == .downstream, exchange.respond != nil,
            !exchange.faults(.upstream).isEmpty
        {
            return nil
        }
        // On a connection a toxic may have come late, or have been changed.
        if !isHTTP, exchange.sawChange { return nil }
        if needsToSee(fault.toxic.fault), isHidden(fault.toxic.stream) { return nil }
        let flow = fault.toxic.stream == .upstream ? exchange.up : exchange.down
        let isUnclear = isFollowed || isLeftOver(fault.toxic.stream, flow)
        if needsToSee(fault.toxic.fault), isUnclear { return nil }
        if case .slowClose = fault.toxic.fault { return hasHeldEnd(fault.toxic.stream, flow) }
        if isHTTP, case .latency(let latency) = fault.toxic.fault {
            return hasDelayed(latency, flow, until: exchange.removed[fault.toxic.name])
        }
        return exchange.isAlone ? actedAlone(fault.toxic.fault, flow) : nil
    }

    /// Something has come to it while its toxic was there.
    private func hasDelayed(
        _ latency: Latency, _ flow: WitnessFlow, until removal: UInt64?
    ) -> Bool? {
        guard latency.latency > latency.jitter else { return latency.latency > 0 ? nil : false }
        let end = min(removal ?? .max, exchange.clientLeft ? over : .max)
        if flow.into.contains(where: { $0.at < end }) { return true }
        return flow.into.contains { $0.at == end } ? nil : false
    }

    /// Whether what came out says what it did, and not only what went in.
    private func needsToSee(_ fault: Fault) -> Bool {
        switch fault {
        case .slicer: true
        case .latency(let latency): latency.jitter > latency.latency
        case .packetLoss: true
        default: false
        }
    }

    private func hasHeldEnd(_ stream: Toxic.Stream, _ flow: WitnessFlow) -> Bool? {
        if !isHTTP {
            guard let end = flow.endIn else { return false }
            return end == over ? nil : true
        }
        if exchange.endings == [.keep] { return false }
        guard let held = heldEnd(stream, [.holdsEnd]), ledger.closes(exchange) else { return nil }
        return held > 0 ? true : exchange.clientLeft ? nil : false
    }

    private func actedAlone(_ fault: Fault, _ flow: WitnessFlow) -> Bool? {
        // In the instant of its end it may or may not have come to it.
        if !flow.into.isEmpty, flow.into.allSatisfy({ $0.at == over }), exchange.clientLeft {
            return nil
        }
        if flow.isHolding, case .packetLoss = fault, exchange.clientLeft || isBlocked { return nil }
        // Behind a change the stage is gone for what comes later.
        if exchange.sawChange, WitnessActs.manner(fault) != .nothing {
            guard case .latency = fault else { return nil }
            return flow.held(until: over, withEnd: false) > 0 ? true : nil
        }
        let isTold = exchange.endings == [.fin] && !exchange.isAnswered
        let isOnly = exchange.met.count { WitnessActs.explainsEnding($0.toxic.fault) } == 1
        let mayHaveCut = !isOnly || exchange.endings.count > 1 && exchange.endings.contains(.fin)
        if case .timeout = fault, flow.inCount == 0, mayHaveCut || exchange.wasClosing {
            return nil
        }
        return WitnessActs.acted(fault, flow, until: over, wasCut: isTold && isOnly)
    }

    /// The backend was not there, so that what came out of a direction had nowhere to go.
    private var isBlocked: Bool { !ledger.isSite && exchange.client.backends.isEmpty }

    /// Whether some fault that explains an ending has acted; nil if that cannot be told.
    private var endingIsExplained: Bool? {
        let explaining = exchange.met.filter { WitnessActs.explainsEnding($0.toxic.fault) }
        let acted = explaining.map(hasActed)
        if acted.contains(true) { return true }
        return acted.contains(nil) ? nil : false
    }

    // MARK: Times

    var duration: UInt64? {
        guard !exchange.isTrusted else { return nil }
        if !isHTTP { return exchange.begun.map { over - $0 } }
        // Behind one that waits it is read later than it came.
        guard let complete = exchange.complete, exchange.askedAt == exchange.arrived else {
            return nil
        }
        // One that waited for its place with half a body: from when is open to reading.
        if exchange.queuedUntil != nil || exchange.leftQueue, complete != exchange.arrived {
            return nil
        }
        // Behind the backend's end the rest may not be read.
        if exchange.client.backendEnd != nil, complete != exchange.arrived { return nil }
        return over - complete
    }

    var queued: UInt64 {
        guard let asked = exchange.askedAt else { return 0 }
        if exchange.leftQueue { return over - asked }
        return exchange.queuedUntil.map { $0 - asked } ?? 0
    }

    var plannedDelay: UInt64? {
        if !isHTTP {
            let isMoved = exchange.up.inCount > 0 && exchange.down.inCount > 0
            let isDrawn = exchange.met.contains {
                if case .latency(let latency) = $0.toxic.fault { latency.jitter > 0 } else { false }
            }
            if !isMoved || isDrawn || exchange.sawChange { return nil }
        }
        return exchange.met.reduce(0) { sum, fault in
            if case .latency(let delay) = fault.effect { sum + delay } else { sum }
        }
    }

    var actualDelay: UInt64? {
        if exchange.isTrusted && !isLossOnly || isDisturbed { return nil }
        guard let up = delay(.upstream), let down = delay(.downstream) else { return nil }
        return up + down
    }

    private var isLossOnly: Bool {
        exchange.met.allSatisfy { WitnessActs.manner($0.toxic.fault) == .loses }
    }

    private func delay(_ stream: Toxic.Stream) -> UInt64? {
        let faults = exchange.faults(stream).map(\.toxic.fault)
        let manners = Set(faults.map(WitnessActs.manner)).subtracting([.nothing])
        let flow = stream == .upstream ? exchange.up : exchange.down
        if manners.isEmpty || manners == [.loses] { return 0 }
        guard exchange.isAlone, !isHidden(stream), !isLeftOver(stream, flow) else { return nil }
        // What comes behind a request that is answered with nonsense belongs to it.
        if isFollowed { return nil }
        if manners == [.holds] { return flow.held(until: over, withEnd: false) }
        if manners == [.swallows], exchange.client.wasStalled { return nil }
        if manners == [.swallows], faults.count == 1, !exchange.sawChange {
            return flow.into.first.map { over - $0.at } ?? (flow.endIn == nil ? 0 : nil)
        }
        guard manners == [.holdsEnd] || manners == [.holds, .holdsEnd] else { return nil }
        return isHTTP ? heldEnd(stream, manners) : heldOnConnection(stream, flow)
    }

    /// What comes behind a request that is answered with nonsense belongs to it.
    private var isFollowed: Bool {
        isNonsense && exchange.client.delivered > exchange.request?.end ?? .max
    }

    /// Whether something was on its way to a backend that was there no more.
    private func isLeftOver(_ stream: Toxic.Stream, _ flow: WitnessFlow) -> Bool {
        let end = exchange.client.backendEnd
        return stream == .upstream && !ledger.isSite && flow.isHolding
            && (end == .backendRST || isHTTP && end != nil)
    }

    /// Whether what came out of a direction cannot be seen.
    private func isHidden(_ stream: Toxic.Stream) -> Bool {
        let isInjected = exchange.respond != nil
        if stream == .downstream { return isInjected && !exchange.faults(.upstream).isEmpty }
        if isInjected {
            let isLossy = exchange.faults(.upstream).contains { WitnessActs.alters($0.toxic.fault) }
            // When a piece came through, and another was still to come, nobody saw.
            let isPlain = exchange.complete != nil && exchange.up.into.count == 1
            return isLossy || !isPlain || exchange.sawChange
                || !exchange.faults(.downstream).isEmpty
        }
        return !ledger.isSite && (isBlocked || exchange.client.waitedForBackend)
    }

    private func heldEnd(_ stream: Toxic.Stream, _ manners: Set<WitnessActs.Manner>) -> UInt64? {
        guard stream == .downstream, manners == [.holdsEnd], !exchange.client.wasStalled,
            exchange.client.hasEnded == nil, exchange.isAnswered
        else { return nil }
        guard ledger.closes(exchange) else { return 0 }
        return exchange.sawChange
            ? nil : (exchange.down.endIn ?? exchange.down.out.last?.at).map { over - $0 }
    }

    private func heldOnConnection(_ stream: Toxic.Stream, _ flow: WitnessFlow) -> UInt64? {
        let isClean = !exchange.client.wasStalled && exchange.client.backendEnd != .backendRST
        let isOther = stream == .downstream && flow.endIn == nil
        guard isClean, stream == .downstream || flow.endIn == nil || flow.endOut != nil else {
            return nil
        }
        return flow.held(until: over, withEnd: !isOther)
    }

    // MARK: What is made of it

    /// nil if that cannot be told.
    var hasGivenUp: Bool? {
        if exchange.leftQueue { return true }
        // It ended, and we did because nothing would ever have come.
        if !exchange.clientLeft, exchange.endings.contains(.clientFin) { return nil }
        guard exchange.clientLeft else { return false }
        // Found dead, its other exchanges may have made room for it in that very instant.
        if exchange.client.socket.isDead, exchange.begun == exchange.over { return nil }
        // It is told of the nonsense, whatever else it has met.
        if exchange.endings.contains(.backendMalformed) { return nil }
        // Seen only when something was written to it, which was held no more then.
        let isLate = !exchange.faults(.downstream).isEmpty || exchange.respond != nil
        if exchange.client.socket.isDead, isLate { return nil }
        let both = [holds(.upstream), holds(.downstream)]
        if both.contains(true) { return true }
        return both.contains(nil) ? nil : false
    }

    private func holds(_ stream: Toxic.Stream) -> Bool? {
        let faults = exchange.faults(stream).map(\.toxic.fault)
        let manners = Set(faults.map(WitnessActs.manner)).subtracting([.nothing])
        if manners.isEmpty || manners == [.loses] { return false }
        if isHidden(stream) || stream == .downstream && isDisturbed { return nil }
        let flow = stream == .upstream ? exchange.up : exchange.down
        if flow.inCount == 0 { return flow.endIn == nil ? false : nil }
        if isLeftOver(stream, flow) { return nil }
        guard exchange.isAlone, !isHidden(stream), manners.count == 1, !exchange.sawChange else {
            return nil
        }
        if manners == [.swallows] {
            // Behind the cut nothing is kept from the client any more.
            let isOnly =
                exchange.met.count { WitnessActs.explainsEnding($0.toxic.fault) } == 1
                && exchange.client.backendEnd == nil && exchange.client.hasEnded == nil
            return !exchange.wasClosing ? true : isOnly ? false : nil
        }
        return manners == [.holds] ? flow.isHolding(at: over) : nil
    }

    /// Rule 3, as a table of its own. What cannot be told is taken from the record.
    func isUnplanned(_ record: ExchangeRecord) -> Bool? {
        if exchange.refusal != nil, exchange.clientLeft { return nil }
        if exchange.refusal != nil, exchange.wasTaken || record.refusal != nil { return false }
        if record.isMalformed { return false }
        guard let gaveUp = hasGivenUp else { return nil }
        if gaveUp { return false }
        if let status, status >= 500, status != 501, status != 505,
            exchange.injectedStatus != status
        {
            return true
        }
        guard isStrange(record) else { return false }
        if [.timeout, .backendRefused, .error].contains(record.ending) { return true }
        return endingIsExplained.map { !$0 }
    }

    private func isStrange(_ record: ExchangeRecord) -> Bool {
        switch record.ending {
        case .keep, .fin:
            guard isHTTP else { return false }
            if let promised = bytesPromised ?? record.bytesPromised,
                bytesSent ?? record.bytesSent < promised
            {
                return true
            }
            return isMangled ?? record.isMangled || status == nil && record.ending == .fin
        case .clientFin, .clientRST, .backendFin: return isHTTP
        case .upgraded: return false
        case .rst, .timeout, .backendRefused, .backendRST, .backendMalformed, .error: return true
        }
    }
}
