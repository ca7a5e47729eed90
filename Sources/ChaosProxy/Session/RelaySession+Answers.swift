import EventLoop
import Faults
import HTTPWire
import Records

// What a session with a backend answers itself: for faults, and for limits.
extension RelaySession {
    /// The request that a fault answers will never be complete: it is answered all the same, in
    /// its turn, and the connection ends with it.
    func giveUpRequest() {
        guard let current else { return }
        current.progress.formUnion([.requestRead, .closes])
        current.receiveUp(.boundary, at: now)
        flags.insert(.refusing)
        self.current = nil
    }

    func respond(_ faults: [FaultPlan.DrawnFault])
        -> (status: HTTPStatus, retryAfter: Nanoseconds?)?
    {
        for fault in faults {
            if case .respond(let status, let retryAfter) = fault.effect {
                return (status, retryAfter)
            }
        }
        return nil
    }

    func inject(
        _ respond: (status: HTTPStatus, retryAfter: Nanoseconds?), into exchange: RelayExchange,
        _ request: HTTPRequest?, _ whole: UnsafeRawBufferPointer, isComplete: Bool
    ) {
        proxy.injected(self)
        messages?.framing.injected()
        exchange.progress.insert(.injected)
        // A client that waits for leave to send gets the answer instead (RFC 9110 §10.1.1).
        let mayContinue = request?.traits.contains(.expectsContinue) == true && !isComplete
        let keeps = request.map { $0.keepsAlive && !mayContinue } ?? true
        exchange.answer = flows(respond, request, keeps: keeps, into: exchange)
        if !keeps { exchange.progress.insert(.closes) }
        goOn(whole, isComplete || mayContinue)
    }

    /// The connection ends while a request waits for its place, which it never had.
    func recordQueued(_ ending: ExchangeRecord.Ending) {
        guard let messages, let held = messages.held else { return }
        messages.held = nil
        proxy.refused()
        exchangeCount &+= 1
        let since = proxy.queue.since(self)
        let facts = messages.keptUp.withUnsafeBytes { bytes in
            self.facts(held.head, bytes, nil, [], proxy.counters.inFlight, waitedSince: since)
        }
        guard let facts else { return }
        facts.complete(at: now)
        facts.refusal = .maxConcurrency
        record(facts, sent: 0, heads: 0, ending)
    }

    /// Answers a request that is over a limit; nothing is drawn for it.
    func refuse(
        _ head: RequestHead, _ whole: UnsafeRawBufferPointer, isComplete: Bool,
        _ refused: Proxy.Refused
    ) {
        exchangeCount &+= 1
        proxy.refused()
        let request = head.request
        let exchange = RelayExchange(
            up: Pipeline(), down: Pipeline(), progress: .injected, kind: head.kind,
            facts: facts(
                head, whole, nil, [], proxy.counters.inFlight, waitedSince: refused.waitedSince))
        exchange.isCounted = false
        exchange.facts?.refusal = refused.reason
        if !head.isAnswered { exchange.progress.insert(.unanswered) }
        append(exchange)
        current = exchange
        messages?.framing.injected()
        let mayContinue = request?.traits.contains(.expectsContinue) == true && !isComplete
        var keeps = request.map { $0.keepsAlive && !mayContinue } ?? true
        if standing.contains(.surplus) { keeps = false }
        if let status = proxy.status(of: refused.reason) {
            exchange.answer = flows(refused, status, request, keeps: keeps, into: exchange)
        } else {
            (exchange.answer, keeps) = ([.boundary], false)
        }
        if !keeps { exchange.progress.insert(.closes) }
        goOn(whole, isComplete || mayContinue)
    }

    func flows(
        _ refused: Proxy.Refused, _ status: HTTPStatus, _ request: HTTPRequest?, keeps: Bool,
        into exchange: RelayExchange
    ) -> [Flow] {
        guard let request else { return errorReply(refused.reason, into: exchange) }
        let answer = RefusalAnswers.answer(
            refused, status, extraFields: proxy.faultAnswers.extraFields)
        exchange.facts?.answers(.made(answer), toHead: request.method == .head)
        let flows = ResponseFlows(
            request, keeps: keeps, mayBeWhole: true, date: proxy.environment.date
        ).flows(.made(answer))
        exchange.headBytes = flows.headCount
        return flows
    }

    func flows(
        _ respond: (status: HTTPStatus, retryAfter: Nanoseconds?), _ request: HTTPRequest?,
        keeps: Bool, into exchange: RelayExchange
    ) -> [Flow] {
        if let request {
            let answer = proxy.faultAnswers.answer(respond.status, retryAfter: respond.retryAfter)
            exchange.facts?.answers(answer, toHead: request.method == .head)
            let isTold = proxy.environment.hasFaultFields
            let timing = isTold ? exchange.facts.flatMap { ServerTiming.field($0.faults) } : nil
            let flows = ResponseFlows(
                request, keeps: keeps, mayBeWhole: timing == nil && !exchange.down.needsBytes,
                date: proxy.environment.date, timing: timing
            ).flows(answer)
            exchange.headBytes = flows.headCount
            return flows
        }
        return errorReply(nil, into: exchange)
    }

    /// An error in the words of a protocol that is not HTTP.
    private func errorReply(
        _ refusal: ExchangeRecord.Refusal?, into exchange: RelayExchange
    ) -> [Flow] {
        if exchange.progress.contains(.unanswered) { return [.boundary] }
        let reply = proxy.protocol.errorReply(refusal)
        if reply?.closes == true { exchange.progress.insert(.closes) }
        return reply.map { [.bytes(Bytes($0.bytes)), .boundary] } ?? [.boundary]
    }

    /// Gives the answers of requests that have come through the faults on their way.
    func answerRisen() {
        forEachExchange { exchange in
            guard exchange.progress.contains([.injected, .requestRisen]),
                !exchange.progress.contains(.requestSent)
            else { return }
            exchange.progress.insert(.requestSent)
            let time = now
            for flow in exchange.takeAnswer() { exchange.receiveDown(flow, at: time) }
        }
    }

    /// The request with a Host field that names the backend, if the proxy is to do that.
    func withBackendAsHost(_ request: HTTPRequest?, _ whole: UnsafeRawBufferPointer)
        -> [UInt8]?
    {
        guard proxy.overwritesHost, let backend = proxy.upstream.backend,
            let host = request?.singleValue(of: "host"), let start = host.baseAddress,
            let base = whole.baseAddress
        else { return nil }
        let offset = start - base
        return whole[..<offset] + Array(backend.description.utf8) + whole[(offset + host.count)...]
    }
}
