import EventLoop
import Faults

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
        if flags.contains(.farReset) {
            stream.resetInOrder()
        } else {
            if isHeldBack(\.closeAt, \.closeDelay) { return }
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
        recordRest()
        proxy.environment.heldBytes -= heldBytes
        proxy.environment.onTraffic?(.end, proxy)
        proxy.remove(self)
    }

    // MARK: Records

    func finish(_ exchange: RelayExchange, _ ending: ExchangeRecord.Ending) {
        guard !exchange.progress.contains(.greeting) else { return }
        proxy.ended()
        guard let facts = exchange.facts else { return }
        facts.sent(exchange.sentBytes, ofThem: exchange.headBytes)
        proxy.environment.onRecord?(facts.record(self, ending))
    }

    /// What the connection's end has cut short.
    func recordRest() {
        let ending = ending
        if messages == nil, first == nil, !flags.contains(.refusing) {
            proxy.ended()
            if flags.contains(.farReset) { proxy.failed() }
        }
        while let exchange = first {
            first = exchange.next
            let isPlanned = !exchange.progress.isDisjoint(with: [.hurt, .injected, .greeting])
            let isTunnelEnd = exchange.isTunnel && !flags.contains(.farReset)
            if !isPlanned, !isTunnelEnd, !flags.contains(.cut) { proxy.failed() }
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
        if flags.contains(.farEnded) { return .backendFin }
        return flags.contains(.clientEnded) ? .clientFin : .fin
    }
}
