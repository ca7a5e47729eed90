import EventLoop
import Faults
import HTTPWire
import Records

// From a client's bytes to exchanges, where the protocol has messages.
extension RelaySession {
    // MARK: Requests

    func readRequests(_ bytes: UnsafeRawBufferPointer) {
        guard let messages else { return }
        if isRefusing { return }
        guard messages.keptUp.isEmpty else {
            messages.keptUp.append(contentsOf: bytes)
            readKept()
            return
        }
        let used = process(bytes)
        if used < bytes.count { messages.keptUp.append(contentsOf: bytes[used...]) }
    }

    /// Goes on with what had to wait for room.
    ///
    /// - Returns: whether anything came of it.
    func readKeptRequests() -> Bool {
        guard flags.contains(.paused), hasRoom else { return false }
        flags.remove(.paused)
        return readKept()
    }

    /// - Returns: whether anything came of it.
    @discardableResult
    func readKept() -> Bool {
        guard let messages else { return false }
        let wasTunnel = current?.isTunnel == true
        var bytes: [UInt8] = []
        swap(&bytes, &messages.keptUp)
        let used = bytes.withUnsafeBytes(process)
        bytes.removeFirst(used)
        bytes.append(contentsOf: messages.keptUp)
        messages.keptUp = isRefusing ? [] : bytes
        if clientSide.contains(.ended) {
            requestsEnded()
            // One that has begun only now has not had the client's FIN.
            if !wasTunnel, let current, current.isTunnel { current.receiveUp(.end, at: now) }
        }
        return used > 0
    }

    private var hasRoom: Bool {
        var (count, waiting) = (0, far?.open?.queuedBytes ?? 0)
        var isFree = true
        forEachExchange { exchange in
            count += 1
            waiting += exchange.waitingUp
            if exchange.progress.contains(.scripted), exchange !== current { isFree = false }
        }
        return isFree && count < Self.maximumPending && waiting < Self.highMark
    }

    /// - Returns: how many bytes were used.
    private func process(_ bytes: UnsafeRawBufferPointer) -> Int {
        var used = 0
        while let messages, !isRefusing, current?.isTunnel != true {
            guard hasRoom else {
                flags.insert(.paused)
                return used
            }
            let rest = UnsafeRawBufferPointer(rebasing: bytes[used...])
            switch messages.nextStep(rest) {
            case .incomplete: return used
            case .begins(let head, let count, let isComplete):
                let whole = UnsafeRawBufferPointer(rebasing: rest[..<count])
                guard enter(head, whole, isComplete: isComplete) else { return used }
                used += count
            case .continues(let count, let isComplete):
                goOn(UnsafeRawBufferPointer(rebasing: rest[..<count]), isComplete)
                used += count
                if count == 0, !isComplete { return used }
            case .tunnel(let reason):
                if current?.progress.contains(.own) == true {
                    giveUpRequest()
                } else {
                    fallBack(reason)
                }
            }
        }
        if isRefusing { return bytes.count }
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
        proxy.environment.warn(
            of: .messages,
            "\(proxy.name): connection \(number) goes on as plain bytes: \(reason)")
    }

    /// The request that waits is a part of what goes on as bytes.
    func leaveQueue() {
        messages?.held = nil
        flags.remove(.paused)
        proxy.leaveQueue(self)
    }

    private func beginTunnel() {
        leaveQueue()
        let inFlight = proxy.began(self, at: now)
        exchangeCount &+= 1
        let facts = ExchangeFacts(
            start: now, origin: proxy.environment.origin, inFlight: inFlight,
            number: exchangeCount, traits: .connection)
        appendTunnel([], facts: facts, isCounted: true)
    }

    /// Whether what the client sends from here on is no request any more.
    var isRefusing: Bool { phase > .open || messages?.hasLast == true }

    /// Lets a request begin, or has it refused.
    ///
    /// - Parameter whole: as much of it as is here.
    /// - Returns: false if it has to wait for its place.
    private func enter(
        _ head: RequestHead, _ whole: UnsafeRawBufferPointer, isComplete: Bool
    ) -> Bool {
        if let request = head.request, Self.hasLongLabel(request) {
            refuseAll(400, "\(HTTPStatus(400)): \(Self.longLabel)")
            return true
        }
        switch mustAsk ? proxy.admission(of: self) : .serve(waitedSince: nil) {
        case .serve(let waitedSince):
            begin(head, whole, isComplete: isComplete, waitedSince: waitedSince)
        case .refuse(let refused): refuse(head, whole, isComplete: isComplete, refused)
        case .wait:
            messages?.held = HeldRequest(head, count: whole.count, isComplete: isComplete)
            flags.insert(.paused)
            return false
        }
        return true
    }

    /// What it is called in records.
    func method(
        _ head: RequestHead, _ whole: UnsafeRawBufferPointer
    ) -> UnsafeRawBufferPointer {
        // To leave is no command, and no answer to it is missing.
        guard let name = proxy.protocol.traits.method,
            messages?.framing.isAnsweredByEnd(head.kind) != true
        else { return whole.part(head.method) }
        return UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
    }

    private func begin(
        _ head: RequestHead, _ whole: UnsafeRawBufferPointer, isComplete: Bool,
        waitedSince: Instant?
    ) {
        exchangeCount &+= 1
        let inFlight = proxy.began(self, at: now)
        let request = head.request
        let drawn = draw(
            whole.part(head.target), request, number: exchangeCount, inFlight: inFlight)
        let faults = withLasting(drawn.faults)
        let exchange = Exchange(
            facts(
                method: method(head, whole), target: whole.part(head.target), of: request,
                attempt: drawn.attempt, faults, waitedSince: waitedSince,
                inFlight: inFlight, at: now),
            kind: head.kind, faults: faults, credits: note(drawn.faults)?.bandwidth)
        if !head.isAnswered { exchange.progress.insert(.unanswered) }
        if request?.keepsAlive == false, !staysOpen { exchange.progress.insert(.closes) }
        exchange.begin(at: now)
        append(exchange)
        leaveFlightIfGone(exchange)
        current = exchange
        messages?.beginRequest()
        if let respond = respond(drawn.faults) {
            inject(respond, into: exchange, request, whole, isComplete: isComplete)
        } else if let request, let script = script(for: drawn.faults) {
            exchange.script = script
            begin(script, exchange, request, whole, isComplete: isComplete)
        } else {
            dial()
            if let rewritten = withBackendAsHost(request, whole) {
                rewritten.withUnsafeBytes { goOn($0, isComplete) }
            } else {
                goOn(whole, isComplete)
            }
        }
    }

    /// More bytes of the request that is being read.
    func goOn(_ bytes: UnsafeRawBufferPointer, _ isComplete: Bool) {
        guard let current else { return }
        let isOwn = current.progress.contains(.own)
        if !isOwn || current.hasUpFaults { sendUp(bytes, of: current) }
        guard isComplete else { return }
        current.progress.insert(.requestRead)
        current.facts.complete(at: now)
        current.receiveUp(.boundary, at: now)
        if current.progress.contains(.unanswered) { current.down.receive(.boundary, at: now) }
        if current.closes { messages?.hasLast = true }
        messages?.beginRequest()
        self.current = nil
    }

    private func sendUp(_ bytes: UnsafeRawBufferPointer, of exchange: Exchange) {
        guard !bytes.isEmpty else { return }
        if exchange.isClearUp, isNextUp(exchange), let far = far?.open {
            exchange.progress.insert(.asked)
            proxy.counters.sentUpstream += UInt64(bytes.count)
            return far.write(bytes)
        }
        exchange.receiveUp(.bytes(Bytes(copying: bytes)), at: now)
    }

    /// Whether the backend has all requests before this one.
    private func isNextUp(_ exchange: Exchange) -> Bool {
        var each = first
        while let before = each, before !== exchange {
            guard before.progress.contains(.requestSent) else { return false }
            each = before.next
        }
        return true
    }

    /// The client will send no more; what it has begun goes on as it is.
    func requestsEnded() {
        guard let messages, !flags.contains(.paused) else { return }
        if !messages.keptUp.isEmpty, messages.framing.clientEnded() {
            // It comes here again.
            readKept()
            return
        }
        let rest = messages.keptUp
        messages.keptUp = []
        if current == nil, !rest.isEmpty, far != nil { beginTunnel() }
        guard let current, !current.isTunnel || !rest.isEmpty else { return }
        if current.progress.contains(.own) { return giveUpRequest() }
        let time = now
        if !rest.isEmpty { current.receiveUp(.bytes(Bytes(rest)), at: time) }
        if !current.isTunnel { current.receiveUp(.end, at: time) }
    }

    /// Once a second: a request that takes too long to come. Only the time counts in which its
    /// client could have sent more.
    func checkRequestTime() {
        guard let messages, phase == .open, flags.isDisjoint(with: [.paused, .notRead]),
            !standing.contains(.queued), current?.isTunnel != true
        else { return }
        let isBody = current?.progress.contains(.requestRead) == false
        guard isBody || first == nil && !messages.keptUp.isEmpty else { return }
        messages.waited += 1
        let limits = proxy.limits
        if messages.waited > (isBody ? limits.body : limits.head) + 1 { requestTookTooLong() }
    }

    private func requestTookTooLong() {
        refuseAll(408, "408 Request Timeout: the request did not come in time")
    }

    /// Answers what is no request, and ends: where the next one would begin is unknown.
    private func refuseAll(_ status: HTTPStatus, _ text: String) {
        advance(to: .refusing)
        if first == nil || current != nil { far?.hangUp() }
        messages?.keptUp = []
        guard proxy.protocol == .http, current?.facts.isAnswered != true else { return close() }
        let response = HTTPResponse(status, text: text)
        proxy.malformed(self)
        let exchange = current ?? ownExchange()
        current = nil
        exchange.progress.formUnion([.own, .closes, .requestRead, .requestRisen, .requestSent])
        exchange.facts.traits.formUnion([.malformed, .hasContent])
        exchange.facts.answers(.made(response), toHead: false)
        for flow in ResponseFlows(closingAt: proxy.environment.date).flows(.made(response)) {
            exchange.down.receive(flow, at: now)
        }
        settle()
    }

    private func ownExchange() -> Exchange {
        let exchange = Exchange(ownFacts(.malformed, at: now), .own)
        append(exchange)
        return exchange
    }
}
