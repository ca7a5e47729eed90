import EventLoop
import Faults
import HTTPWire

// From a client's bytes to exchanges, where the protocol has messages.
extension RelaySession {
    // MARK: Requests

    func readRequests(_ bytes: UnsafeRawBufferPointer) {
        guard let messages else { return }
        if flags.contains(.refusing) { return }
        guard messages.keptUp.isEmpty else {
            messages.keptUp.append(contentsOf: bytes)
            _ = readKept()
            return
        }
        let used = process(bytes)
        if used < bytes.count { messages.keptUp.append(contentsOf: bytes[used...]) }
    }

    /// Goes on with what had to wait for room.
    ///
    /// - Returns: whether anything came of it.
    func readKeptRequests() -> Bool {
        guard flags.contains(.waitsForRoom), hasRoom else { return false }
        flags.remove(.waitsForRoom)
        return readKept()
    }

    func readKept() -> Bool {
        guard let messages else { return false }
        var bytes: [UInt8] = []
        swap(&bytes, &messages.keptUp)
        let used = bytes.withUnsafeBytes(process)
        bytes.removeFirst(used)
        bytes.append(contentsOf: messages.keptUp)
        messages.keptUp = flags.contains(.refusing) ? [] : bytes
        if flags.contains(.clientEnded) { requestsEnded() }
        return used > 0
    }

    private var hasRoom: Bool {
        var (count, waiting) = (0, far?.open?.queuedBytes ?? 0)
        forEachExchange { exchange in
            count += 1
            waiting += exchange.waitingUp
        }
        return count < Self.maximumPending && waiting < Self.highMark
    }

    /// - Returns: how many bytes were used.
    private func process(_ bytes: UnsafeRawBufferPointer) -> Int {
        var used = 0
        while let messages, !flags.contains(.refusing), current?.isTunnel != true {
            guard hasRoom else {
                flags.insert(.waitsForRoom)
                return used
            }
            let rest = UnsafeRawBufferPointer(rebasing: bytes[used...])
            switch messages.framing.request(rest) {
            case .incomplete: return used
            case .begins(let head, let count, let isComplete):
                begin(head, rest, count: count, isComplete: isComplete)
                used += count
            case .continues(let count, let isComplete):
                goOn(UnsafeRawBufferPointer(rebasing: rest[..<count]), isComplete)
                used += count
                if count == 0, !isComplete { return used }
            case .tunnel(let reason):
                if current?.progress.contains(.injected) == true {
                    giveUpRequest()
                } else {
                    fallBack(reason)
                }
            }
        }
        if flags.contains(.refusing) { return bytes.count }
        if used < bytes.count { sendThrough(UnsafeRawBufferPointer(rebasing: bytes[used...])) }
        return bytes.count
    }

    /// What cannot be told apart goes on as bytes, and that is said.
    func fallBack(_ reason: String) {
        warnOfTunnel(reason)
        beginTunnel()
        dial()
    }

    func warnOfTunnel(_ reason: String) {
        proxy.environment.warnOfTrouble(
            "\(proxy.name): connection \(number) goes on as plain bytes: \(reason)")
    }

    private func beginTunnel() {
        let inFlight = proxy.began()
        exchangeCount &+= 1
        let facts =
            proxy.environment.onRecord == nil
            ? nil
            : ExchangeFacts(
                client: stream.peer, start: now, inFlight: inFlight, number: exchangeCount)
        appendTunnel([], facts: facts)
    }

    private func begin(
        _ head: RequestHead, _ bytes: UnsafeRawBufferPointer, count: Int, isComplete: Bool
    ) {
        exchangeCount &+= 1
        let inFlight = proxy.began()
        let whole = UnsafeRawBufferPointer(rebasing: bytes[..<count])
        let request = httpRequest(whole)
        let target = UnsafeRawBufferPointer(rebasing: bytes[head.target])
        let (faults, attempt) = draw(target, request)
        let beyond = messages?.note(faults)
        let respond = respond(faults)
        let exchange = RelayExchange(
            up: Pipeline(faults, stream: .upstream, credits: beyond?.upstreamCredits),
            down: Pipeline(faults, stream: .downstream, credits: beyond?.downstreamCredits),
            progress: faults.hurt ? .hurt : [], kind: head.kind,
            facts: facts(head, bytes, attempt, faults, inFlight))
        if !head.isAnswered { exchange.progress.insert(.unanswered) }
        exchange.begin(at: now)
        append(exchange)
        current = exchange
        if let respond {
            inject(respond, into: exchange, request, whole, isComplete: isComplete)
        } else {
            dial()
            let rewritten = withBackendAsHost(request, whole)
            rewritten?.withUnsafeBytes { goOn($0, isComplete) } ?? goOn(whole, isComplete)
        }
    }

    private func httpRequest(_ head: UnsafeRawBufferPointer) -> HTTPRequest? {
        guard proxy.protocol == .http else { return nil }
        var skipped = 0
        return try? HTTPParser.parse(head, skipped: &skipped)
    }

    private func draw(_ target: UnsafeRawBufferPointer, _ request: HTTPRequest?)
        -> (faults: [FaultPlan.DrawnFault], attempt: UInt32?)
    {
        guard !proxy.plan.isEmpty else { return ([], nil) }
        let (exchange, isCounted) = proxy.exchange(for: target)
        let faults = proxy.plan.draw(exchange) { match in
            guard let request else {
                return !match.needsHTTP && match.applies(to: stream.peer, number: exchangeCount)
            }
            return match.applies(to: request, from: stream.peer, number: exchangeCount)
        }
        return (faults, isCounted ? exchange.attempt : nil)
    }

    private func facts(
        _ head: RequestHead, _ bytes: UnsafeRawBufferPointer, _ attempt: UInt32?,
        _ faults: [FaultPlan.DrawnFault], _ inFlight: Int
    ) -> ExchangeFacts? {
        guard proxy.environment.onRecord != nil else { return nil }
        return ExchangeFacts(
            method: String(decoding: bytes[head.method], as: UTF8.self),
            target: String(decoding: bytes[head.target], as: UTF8.self), client: stream.peer,
            attempt: attempt, faults: faults, start: now, inFlight: inFlight,
            number: exchangeCount)
    }

    /// More bytes of the request that is being read.
    private func goOn(_ bytes: UnsafeRawBufferPointer, _ isComplete: Bool) {
        guard let current else { return }
        let isInjected = current.progress.contains(.injected)
        if !isInjected || !current.up.isEmpty { sendUp(bytes, of: current) }
        guard isComplete else { return }
        current.progress.insert(.requestRead)
        current.facts?.start = now
        current.receiveUp(.boundary, at: now)
        if current.progress.contains(.unanswered) { current.progress.insert(.replyReady) }
        if isInjected, current.progress.contains(.closes) { flags.insert(.refusing) }
        self.current = nil
    }

    private func sendUp(_ bytes: UnsafeRawBufferPointer, of exchange: RelayExchange) {
        guard !bytes.isEmpty else { return }
        if exchange.isClearUp, isNextUp(exchange), let far = far?.open {
            proxy.counters.sentUpstream += UInt64(bytes.count)
            return far.write(bytes)
        }
        exchange.receiveUp(.bytes(Bytes(copying: bytes)), at: now)
    }

    /// Whether the backend has all requests before this one.
    private func isNextUp(_ exchange: RelayExchange) -> Bool {
        var each = first
        while let before = each, before !== exchange {
            guard before.progress.contains(.requestSent) else { return false }
            each = before.next
        }
        return true
    }

    /// The client will send no more; what it has begun goes on as it is.
    func requestsEnded() {
        guard let messages, !flags.contains(.waitsForRoom) else { return }
        let rest = messages.keptUp
        messages.keptUp = []
        if current == nil, !rest.isEmpty, far != nil { beginTunnel() }
        guard let current, !current.isTunnel || !rest.isEmpty else { return }
        if current.progress.contains(.injected) { return giveUpRequest() }
        let time = now
        if !rest.isEmpty { current.receiveUp(.bytes(Bytes(rest)), at: time) }
        if !current.isTunnel { current.receiveUp(.end, at: time) }
    }

    // MARK: Faults that answer

    /// The request that a fault answers will never be complete: it is answered all the same, in
    /// its turn, and the connection ends with it.
    private func giveUpRequest() {
        guard let current else { return }
        current.progress.formUnion([.requestRead, .closes])
        current.receiveUp(.boundary, at: now)
        flags.insert(.refusing)
        self.current = nil
    }

    private func respond(_ faults: [FaultPlan.DrawnFault])
        -> (status: HTTPStatus, retryAfter: Nanoseconds?)?
    {
        for fault in faults {
            if case .respond(let status, let retryAfter) = fault.effect {
                return (status, retryAfter)
            }
        }
        return nil
    }

    private func inject(
        _ respond: (status: HTTPStatus, retryAfter: Nanoseconds?), into exchange: RelayExchange,
        _ request: HTTPRequest?, _ whole: UnsafeRawBufferPointer, isComplete: Bool
    ) {
        proxy.injected()
        messages?.framing.injected()
        exchange.progress.insert(.injected)
        // A client that waits for leave to send gets the answer instead (RFC 9110 §10.1.1).
        let mayContinue = request?.traits.contains(.expectsContinue) == true && !isComplete
        let keeps = request.map { $0.keepsAlive && !mayContinue } ?? true
        exchange.answer = flows(respond, request, keeps: keeps, into: exchange)
        if !keeps { exchange.progress.insert(.closes) }
        goOn(whole, isComplete || mayContinue)
    }

    private func flows(
        _ respond: (status: HTTPStatus, retryAfter: Nanoseconds?), _ request: HTTPRequest?,
        keeps: Bool, into exchange: RelayExchange
    ) -> [Flow] {
        if let request {
            let answer = proxy.faultAnswers.answer(respond.status, retryAfter: respond.retryAfter)
            exchange.facts?.answered(answer, toHead: request.method == .head)
            let flows = ResponseFlows(
                request, keeps: keeps, mayBeWhole: !exchange.down.needsBytes,
                date: proxy.environment.date
            ).flows(answer)
            exchange.headBytes = flows.headCount
            return flows
        }
        if exchange.progress.contains(.unanswered) { return [.boundary] }
        let reply = Framing.errorReply(proxy.protocol, status: respond.status)
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
    private func withBackendAsHost(_ request: HTTPRequest?, _ whole: UnsafeRawBufferPointer)
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
