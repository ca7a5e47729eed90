import EventLoop
import Faults
import Records

// How a session with a backend ends, and what is told of it.
extension RelaySession {
    /// A fault ends the connection, behind what has been written.
    func end(_ cut: Cut) {
        flags.insert(.closing)
        // The backend's own reset comes along like one of ours, behind what is held.
        if !flags.contains(.farReset) { flags.formUnion(cut == .rst ? [.cut, .cutByReset] : .cut) }
        far?.hangUp()
        switch cut {
        case .fin: close()
        case .rst:
            stream.resetInOrder()
            far?.open?.resetInOrder()
        }
    }

    /// Nothing more goes to the backend; it may still speak.
    func finishFar() {
        guard let far = far?.open, flags.insert(.farFinished).inserted else { return }
        if flags.contains(.clientFinished) { closeFinished(stream, far) } else { far.finish() }
    }

    /// Nothing more goes to the client; it may still speak.
    func finishClient() {
        guard flags.insert(.clientFinished).inserted else { return }
        if flags.contains(.farFinished) {
            closeFinished(far?.open, stream)
        } else {
            stream.finish()
        }
    }

    /// - Parameter last: the side that has ended last: closed first, it need not be watched for
    ///   what follows its FIN, which would cost two system calls.
    private func closeFinished(_ last: Stream?, _ other: Stream) {
        flags.insert(.closing)
        last?.close(lingering: false)
        other.close(lingering: false)
    }

    /// Nothing more goes to the client, and it is heard no more.
    func endClient() {
        flags.insert(.closing)
        giveUpWaiting()
        if flags.contains(.farReset) {
            stream.resetInOrder()
        } else {
            if connectionFaults?.toClient.isHeld(at: now) == true { return }
            stream.close(lingering: !flags.contains(.clientEnded))
        }
        far?.open?.close(lingering: !flags.contains(.farEnded))
    }

    /// A tunnel has no end of its own: it ends when nothing of it is held back any more.
    func endDrained() {
        guard flags.contains(.draining), messages == nil || current?.isTunnel == true else {
            return
        }
        var held = 0
        forEachExchange { held += $0.heldBytes + $0.readyBytes + $0.waitingUp }
        if held == 0 { close() }
    }

    func endIfOver() {
        // The far end calls back once more after it has been closed.
        let isAlone = far.map { $0.stream == nil && !$0.isDialing } ?? true
        guard flags.contains(.clientClosed), isAlone || flags.contains(.farClosed) else { return }
        guard flags.insert(.over).inserted else { return }
        proxy.environment.heldBytes -= heldBytes
        proxy.environment.onTraffic?(.end, proxy)
        proxy.remove(self)
    }

    /// The client's connection ends, and so no request of it waits any more; the backend's may go
    /// on for a while.
    func giveUpWaiting() {
        guard standing.contains(.queued) else { return }
        recordQueued(ending)
        messages?.keptUp = []
        stopWaiting()
    }

    // MARK: Records

    func finish(_ exchange: RelayExchange, _ ending: ExchangeRecord.Ending) {
        guard !exchange.progress.contains(.greeting) else { return }
        leaveFlight(exchange)
        guard let facts = exchange.facts, proxy.environment.onRecord != nil else { return }
        record(facts, sent: exchange.sentBytes, heads: exchange.headBytes, ending)
    }

    func record(
        _ facts: ExchangeFacts, sent: Int, heads: Int, _ ending: ExchangeRecord.Ending
    ) {
        let now = now
        var record = ExchangeRecord(proxy: proxy.name)
        sign(&record)
        facts.tell(&record, sent: sent, heads: heads, ending, at: now)
        proxy.environment.record(&record, of: proxy, at: now)
    }

    /// It is under way no more, whatever may still leave.
    func leaveFlight(_ exchange: RelayExchange) {
        guard exchange.isCounted else { return }
        exchange.isCounted = false
        proxy.ended(self)
    }

    /// The client has sent its FIN while it is owed something.
    ///
    /// - Returns: whether it is known to be gone: then nobody is owed anything.
    func clientHasLeft() -> Bool {
        switch stream.peerHasGone {
        case true?:
            flags.insert(.refusing)
            recordRest()
            close()
            return true
        case false?: return false
        case nil:
            forEachExchange(leaveFlight)
            return false
        }
    }

    /// One connection too many, where the connection is the exchange.
    func refuseConnection() {
        proxy.refused()
        flags.formUnion([.refusing, .recorded])
        let facts = ExchangeFacts(start: now, inFlight: proxy.counters.inFlight, number: 1)
        (facts.isConnection, facts.refusal) = (true, .maxConnections)
        record(facts, sent: 0, heads: 0, .fin)
        stream.close(lingering: true)
    }

    /// What the connection's end has cut short.
    func recordRest() {
        guard flags.insert(.recorded).inserted else { return }
        let ending = ending
        giveUpWaiting()
        if messages == nil, first == nil, !flags.contains(.refusing) {
            proxy.ended(self)
            if let facts = connectionFacts([]) { record(facts, sent: plainBytes, heads: 0, ending) }
        }
        while let exchange = first {
            first = exchange.next
            let isUpgraded = exchange.isTunnel && messages != nil && exchange.facts?.method != ""
            finish(exchange, isUpgraded ? .upgraded : ending)
        }
    }

    var ending: ExchangeRecord.Ending {
        if flags.contains(.cutByReset) { return .rst }
        if flags.contains(.cut) { return .fin }
        if flags.contains(.clientReset) { return .clientRST }
        if flags.contains(.refused) { return .backendRefused }
        if flags.contains(.farReset) { return .backendRST }
        if flags.contains(.farEndedFirst) { return .backendFin }
        return flags.contains(.clientEnded) ? .clientFin : .fin
    }
}
