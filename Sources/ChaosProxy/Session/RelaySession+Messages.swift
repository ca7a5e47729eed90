import EventLoop
import Faults
import HTTPWire
import Records

// From a client's bytes to exchanges, where the protocol has messages.
extension RelaySession {
    // MARK: Requests

    func readRequests(_ bytes: UnsafeRawBufferPointer) {
        guard let messages else { return }
        if flags.contains(.refusing) { return }
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
        guard flags.contains(.waitsForRoom), hasRoom else { return false }
        flags.remove(.waitsForRoom)
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
        messages.keptUp = flags.contains(.refusing) ? [] : bytes
        if flags.contains(.clientEnded) {
            requestsEnded()
            // One that has begun only now has not had the client's FIN.
            if !wasTunnel, let current, current.isTunnel { current.receiveUp(.end, at: now) }
        }
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

    /// The request that waits is a part of what goes on as bytes.
    func stopWaiting() {
        messages?.held = nil
        flags.remove(.waitsForRoom)
        proxy.leaveQueue(self)
    }

    private func beginTunnel() {
        stopWaiting()
        let inFlight = proxy.began(self)
        exchangeCount &+= 1
        let isRecorded = proxy.environment.onRecord != nil
        let facts =
            isRecorded
            ? ExchangeFacts(start: now, inFlight: inFlight, number: exchangeCount) : nil
        facts?.isConnection = true
        appendTunnel([], facts: facts)
    }

    /// Lets a request begin, or has it refused.
    ///
    /// - Parameter whole: as much of it as is here.
    /// - Returns: false if it has to wait for its place.
    private func enter(
        _ head: RequestHead, _ whole: UnsafeRawBufferPointer, isComplete: Bool
    ) -> Bool {
        switch mustAsk ? proxy.admission(of: self) : .serve(waitedSince: nil) {
        case .serve(let waitedSince):
            begin(head, whole, isComplete: isComplete, waitedSince: waitedSince)
        case .refuse(let refused): refuse(head, whole, isComplete: isComplete, refused)
        case .wait:
            messages?.held = HeldRequest(head, count: whole.count, isComplete: isComplete)
            flags.insert(.waitsForRoom)
            return false
        }
        return true
    }

    private func begin(
        _ head: RequestHead, _ whole: UnsafeRawBufferPointer, isComplete: Bool,
        waitedSince: Instant?
    ) {
        exchangeCount &+= 1
        let inFlight = proxy.began(self)
        let request = head.request
        let (faults, attempt) = draw(whole.part(head.target), request)
        let beyond = note(faults)
        let respond = respond(faults)
        let exchange = RelayExchange(
            up: Pipeline(faults, stream: .upstream, credits: beyond?.upstreamCredits),
            down: Pipeline(faults, stream: .downstream, credits: beyond?.downstreamCredits),
            kind: head.kind,
            facts: facts(head, whole, attempt, faults, inFlight, waitedSince: waitedSince))
        if !head.isAnswered { exchange.progress.insert(.unanswered) }
        if request?.keepsAlive == false { exchange.progress.insert(.last) }
        exchange.begin(at: now)
        append(exchange)
        current = exchange
        if let respond {
            inject(respond, into: exchange, request, whole, isComplete: isComplete)
        } else {
            dial()
            if let rewritten = withBackendAsHost(request, whole) {
                rewritten.withUnsafeBytes { goOn($0, isComplete) }
            } else {
                goOn(whole, isComplete)
            }
        }
    }

    func draw(_ target: UnsafeRawBufferPointer, _ request: HTTPRequest?)
        -> (faults: [FaultPlan.DrawnFault], attempt: UInt32?)
    {
        proxy.draw(target, request, from: stream.peer?.host, number: exchangeCount)
    }

    func facts(
        _ head: RequestHead, _ bytes: UnsafeRawBufferPointer, _ attempt: UInt32?,
        _ faults: [FaultPlan.DrawnFault], _ inFlight: Int, waitedSince: Instant?
    ) -> ExchangeFacts? {
        let isTold = proxy.environment.hasFaultFields && !faults.isEmpty
        guard proxy.environment.onRecord != nil || isTold else { return nil }
        let facts = ExchangeFacts(
            method: ExchangeRecord.text(bytes.part(head.method)),
            target: ExchangeRecord.text(bytes.part(head.target)), attempt: attempt,
            faults: faults, start: now, inFlight: inFlight, number: exchangeCount)
        if let waitedSince { facts.start = waitedSince }
        return facts
    }

    /// More bytes of the request that is being read.
    func goOn(_ bytes: UnsafeRawBufferPointer, _ isComplete: Bool) {
        guard let current else { return }
        let isInjected = current.progress.contains(.injected)
        if !isInjected || !current.up.isEmpty { sendUp(bytes, of: current) }
        guard isComplete else { return }
        current.progress.insert(.requestRead)
        current.facts?.complete(at: now)
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
}
