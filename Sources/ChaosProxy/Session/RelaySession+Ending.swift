import EventLoop
import Faults
import Records

// How a session with a backend ends.
extension RelaySession {
    /// Nothing more goes to the backend; it may still speak.
    func finishFar() {
        guard let far = far?.open, backendSide.insert(.finished).inserted else { return }
        if clientSide.contains(.closed) {
            far.close(lingering: !backendSide.contains(.ended))
        } else if clientSide.contains(.finished) {
            closeFinished(stream, far)
        } else {
            far.finish()
        }
    }

    /// - Parameter last: the side that has ended last: closed first, it need not be watched for
    ///   what follows its FIN, which would cost two system calls.
    private func closeFinished(_ last: Stream?, _ other: Stream) {
        end(isReset: false) {
            last?.close(lingering: false)
            other.close(lingering: false)
        }
    }

    /// Whether nobody has read what the client has sent to a backend that could not be reached.
    var hasUnread: Bool {
        if messages == nil { return flags.contains(.talkative) }
        let awaitsAny = awaitingReply.map { !$0.progress.contains(.greeting) } ?? false
        return keepsRequests || current != nil || awaitsAny
    }

    func endFinished() {
        if backendSide.contains(.finished) {
            closeFinished(far?.open, stream)
        } else {
            stream.finish()
            noteFinished()
        }
    }

    /// Behind our FIN nothing of a connection can reach the client any more.
    func noteFinished() {
        guard clientSide.contains(.finished), stream.queuedBytes == 0, phase < .ended else {
            return
        }
        if messages == nil { return finishConnection(ending(of: nil)) }
        forEachExchange { finish($0, ending(of: $0)) }
    }

    func closeBoth(lingering: Bool) {
        stream.close(lingering: lingering)
        closeFar()
    }

    /// Ends the backend's side, be it there or still on the way.
    func closeFar() {
        far?.hangUp()
        far?.open?.close(lingering: !backendSide.contains(.ended))
    }

    /// A tunnel has no end of its own: it ends when nothing of it is held back any more.
    func endDrained() {
        guard flags.contains(.draining), messages == nil || current?.isTunnel == true else {
            return
        }
        var held = 0
        forEachExchange { held += $0.heldBytes + $0.down.readyBytes + $0.waitingUp }
        if held == 0 { close() }
    }

    func endIfOver() {
        // The far end calls back once more after it has been closed.
        let isAlone = far.map { $0.stream == nil && !$0.isDialing } ?? true
        guard clientSide.contains(.closed), isAlone || backendSide.contains(.closed),
            messages?.givenUp.isEmpty ?? true, phase < .over
        else { return }
        advance(to: .over)
        proxy.environment.held.count -= heldBytes
        proxy.environment.onTraffic?(.end, proxy)
        proxy.remove(self)
    }

    /// One connection too many, where the connection is the exchange.
    func refuseConnection() {
        advance(to: .refusing)
        proxy.counters.requests += 1
        var facts = ExchangeFacts(
            start: now, origin: proxy.environment.origin, inFlight: proxy.counters.inFlight,
            number: 1,
            traits: [.connection, .refusedByEnd])
        facts.refusal = .maxConnections
        flags.insert(.recorded)
        record(&facts, .fin, at: now)
        stream.close(lingering: true)
    }
}
