import Records
import TestSupport

@testable import ChaosProxy
@testable import Faults

// What a client has seen, against its records.
extension DayBook {
    func closeVisits() {
        for visit in visits.values.sorted(by: { $0.number < $1.number })
        where visit.joined != nil {
            if visit.door.kind == .tcp { closeConnection(visit) } else { closeRequests(visit) }
            if visit.session != nil {
                wrong(visit.door, "a session stays", "of \(visit.peer)")
            }
        }
    }

    /// The connection is the exchange: one record, with all its bytes.
    private func closeConnection(_ visit: DayVisit) {
        guard visit.records.count == 1, let record = visit.records.first else {
            return wrong(
                visit.door, "records of a connection",
                "\(visit.records.count) of \(visit.peer.port)")
        }
        checkSurplus(record, visit)
        if record.bytesSent != visit.taken {
            wrong(record, "bytes of a connection", "\(visit.taken)")
        }
        checkEnding(record, visit, isLast: true)
        checkDelays(record, first: nil, visit)
    }

    private func closeRequests(_ visit: DayVisit) {
        let records = visit.records.sorted { $0.exchange < $1.exchange }
        if visit.reader.isNonsense { wrong(visit.door, "nonsense", "to \(visit.peer.port)") }
        // While our own end is held back nothing is read any more.
        let isCut = records.contains { record in
            record.ending != .keep
                || visit.wasEnded && record.faults.contains { $0.toxic.fault.endDelay != nil }
        }
        let arrived = visit.arrived
        let least = isCut ? visit.reader.answers.count : arrived
        guard records.count >= least, records.count <= max(arrived, visit.requests.count) else {
            return wrong(
                visit.door, "records of requests",
                "\(records.count), not \(least), \(arrived) arrived: \(visit.words)")
        }
        for (index, record) in records.enumerated() {
            guard record.exchange == index + 1 else {
                return wrong(record, "number of an exchange", "not \(index + 1)")
            }
            checkSurplus(record, visit)
            guard !record.isMalformed else { continue }
            check(record, visit.requests[index], visit, index)
            checkEnding(record, visit, isLast: index == records.count - 1)
        }
    }

    private func checkSurplus(_ record: ExchangeRecord, _ visit: DayVisit) {
        let isSurplus = record.refusal == .maxConnections
        // One that has gone before it was answered was not refused.
        let isFine = isSurplus == visit.isSurplus || visit.isSurplus && visit.isOver
        if !isFine { wrong(record, "one connection too many", "\(visit.isSurplus)") }
    }

    private func check(
        _ record: ExchangeRecord, _ request: DayRequest, _ visit: DayVisit, _ index: Int
    ) {
        guard record.target == request.target, record.method == request.method.rawValue else {
            return wrong(record, "request", "\(request.method) \(request.target)")
        }
        let answer = index < visit.reader.answers.count ? visit.reader.answers[index] : nil
        if record.bytesSent != answer?.content ?? 0 {
            wrong(record, "bytes", "\(answer?.content ?? 0) came")
        }
        if record.status?.code != answer?.status {
            wrong(record, "status", "\(answer?.status ?? 0) came")
        }
        if let answer, answer.hasHead, request.method != .head,
            record.bytesPromised != answer.promised
        {
            wrong(record, "promised", "\(answer.promised ?? -1) came")
        }
        if record.isMangled { wrong(record, "mangled", "nothing mangles") }
        checkAnswer(record, request, answer)
        checkDelays(record, first: answer?.firstAt, visit)
        if let delivered = request.delivered, came(record) < delivered, request.upload == 0 {
            wrong(record, "before its time", "it was read at \(delivered)")
        }
    }

    /// Whether it was answered what stands in its target.
    private func checkAnswer(
        _ record: ExchangeRecord, _ request: DayRequest, _ answer: DayAnswer?
    ) {
        guard let answer, answer.isComplete, record.refusal == nil else { return }
        let injected = record.faults.compactMap { fault -> UInt16? in
            if case .respond(let status, _) = fault.effect { status.code } else { nil }
        }.first
        if answer.status != injected ?? request.status {
            wrong(record, "answer", "not \(injected ?? request.status)")
        }
        guard injected == nil, request.content != DayFiles.unknown else { return }
        if answer.content != request.content {
            wrong(record, "content", "\(answer.content), not \(request.content)")
        }
    }

    /// What ended it, by what its client did.
    private func checkEnding(_ record: ExchangeRecord, _ visit: DayVisit, isLast: Bool) {
        let isFine: Bool =
            switch record.ending {
            case .keep: true
            case .clientRST: visit.hasReset && isLast || visit.errand.isPipelined
            case .clientFin: visit.hasEnded || visit.hasReset
            case .timeout: visit.hasStalled
            case .fin, .rst: true
            case .backendFin, .backendRST, .backendRefused: visit.door.kind != .site
            case .backendMalformed, .upgraded, .error: false
            }
        if !isFine { wrong(record, "ending", "its client did nothing of it") }
        let own: ExchangeRecord.Ending = visit.hasEnded ? .clientFin : .clientRST
        if visit.resetAt == end(record), record.ending != own {
            wrong(record, "ending", "its client has reset then")
        }
        if record.hasGivenUp, !visit.hasReset, !visit.hasEnded {
            wrong(record, "given up", "its client stayed")
        }
    }

    // MARK: Faults

    /// Nothing comes before its time, and what is told of it is what was drawn.
    private func checkDelays(_ record: ExchangeRecord, first: UInt64?, _ visit: DayVisit) {
        guard record.refusal == nil, visit.door.kind != .tcp else { return }
        let begin = begin(record)
        guard let plan = visit.door.plan(at: begin), wasUnderWay(record),
            !isDoubtful(record, visit.door)
        else { return }
        if (record.attempt == nil) != plan.isEmpty {
            return wrong(record, "attempt", "\(plan.toxics.map(\.name))")
        }
        let key = DrawKey(
            target: SeededGenerator.hash(record.target.utf8), attempt: record.attempt ?? 1,
            number: 1)
        let drawn = plan.draw(key)
        let names = drawn.map(\.toxic.name)
        if names != record.faults.map(\.toxic.name) {
            return wrong(record, "faults", "\(names) were drawn")
        }
        let delay = drawn.reduce(UInt64(0)) { sum, fault in
            if case .latency(let delay) = fault.effect { sum + delay } else { sum }
        }
        if record.plannedDelay != delay { wrong(record, "delay", "\(delay) was drawn") }
        if let first, !visit.errand.isPipelined, visit.errand.pace == nil {
            checkLetGo(record, drawn, first: first, visit.door)
        }
        guard !visit.door.changed(from: begin, to: end(record)) else { return }
        if let first, first < begin + delay {
            wrong(record, "before its time", "\(first), not \(begin + delay)")
        }
        checkHeld(record, drawn)
    }

    /// What a toxic held that is taken away goes at once.
    private func checkLetGo(
        _ record: ExchangeRecord, _ drawn: [FaultPlan.DrawnFault], first: UInt64, _ door: DayDoor
    ) {
        guard door.kind == .site, drawn.count == 1, case .latency = drawn[0].effect,
            let change = door.plans.first(where: { $0.since > begin(record) }),
            !change.plan.names.contains(drawn[0].toxic.name), first > change.since + 1_000
        else { return }
        wrong(record, "held", "its toxic had gone at \(change.since)")
    }

    /// How long something was held, where only one thing does that.
    private func checkHeld(_ record: ExchangeRecord, _ drawn: [FaultPlan.DrawnFault]) {
        if drawn.isEmpty, record.actualDelay > 0 {
            wrong(record, "held", "\(record.actualDelay) by nobody")
        }
        guard drawn.count == 1, case .latency(let delay) = drawn[0].effect,
            record.ending == .keep, record.bytesPromised == record.bytesSent
        else { return }
        // A callback takes a nanosecond.
        let most = record.method == "POST" ? UInt64.max : delay + 1_000
        if record.actualDelay < delay || record.actualDelay > most {
            wrong(record, "held", "\(record.actualDelay), not \(delay)")
        }
    }
}
