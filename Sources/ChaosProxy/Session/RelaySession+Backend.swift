import EventLoop
import Faults
import HTTPWire
import Records

// The backend of a session: the way to it, what its connection says, and when it is given up.
extension RelaySession {
    func dial() {
        guard far == nil, let backend = proxy.upstream.backend else { return }
        let far = FarEnd(self)
        self.far = far
        far.dial(backend, for: proxy)
    }

    func connected() {
        if clientSide.contains(.closed), !handsOver { far?.open?.reset() }
        settle()
    }

    func dialFailed(_ error: DialError) {
        if error.isReset { return backendHasReset() }
        proxy.environment.warn(of: .connecting(error.cause), "\(proxy.name): \(error)")
        flags.insert(.backendRefused)
        backendSide.formUnion([.ended, .closed])
        // Nothing can come that the client would still wait for behind a fault.
        if messages == nil { endClient() }
        settle()
        endIfOver()
    }

    func farReceived(_ bytes: UnsafeRawBufferPointer) {
        proxy.counters.receivedDownstream += UInt64(bytes.count)
        proxy.environment.onTraffic?(.toClient, proxy)
        guard stream.isOpen else { return }
        if messages == nil { sendBack(bytes, of: first) } else { readReplies(bytes) }
        settle()
    }

    func farRelayed(_ count: Int) {
        let proxy = proxy
        proxy.counters.receivedDownstream += UInt64(count)
        proxy.counters.sentDownstream += UInt64(count)
        if let first { first.facts.left(count) } else { plainBytes += count }
        proxy.environment.onTraffic?(.toClient, proxy)
    }

    func farReceivedEnd() {
        backendSide.formUnion(clientSide.contains(.ended) ? .ended : [.ended, .endedFirst])
        repliesEnded()
        settle()
    }

    func farClosed(_ end: FarEnd<Stream>, _ ending: ConnectionEnding) {
        guard end === far else {
            messages?.givenUp.removeAll { $0 === end }
            return endIfOver()
        }
        backendSide.insert(.closed)
        if case .failed(let error) = ending { noteFailure(error) }
        if ending != .fin, ending != .rst, phase < .over { return backendHasReset() }
        endIfOver()
    }

    private func backendHasReset() {
        backendSide.formUnion([.ended, .closed, .reset])
        if let awaitingReply { stopAsking(awaitingReply, "the backend has reset") }
        if let tunnel = awaitingReply, tunnel.isTunnel {
            tunnel.down.receive(.cut(.rst), at: now)
        } else if messages == nil, first == nil {
            endClient()
        }
        settle()
        endIfOver()
    }

    /// The backend has said what nobody asked for: its connection is given up, and the client's
    /// goes on with another.
    func giveUpBackend(_ reason: String) {
        proxy.environment.warn(
            of: .messages,
            "\(proxy.name): connection \(number): \(reason); it is thrown away")
        guard let far else { return }
        self.far = nil
        backendSide = []
        messages?.restartReplies()
        giveUpRequests()
        guard let open = far.open else { return }
        messages?.givenUp.append(far)
        open.reset()
    }

    /// The backend has ended its connection and the client's stays open: the next request gets
    /// another one.
    func forgetBackend() {
        guard let far else { return }
        self.far = nil
        backendSide = []
        messages?.restartReplies()
        guard let open = far.open else { return }
        messages?.givenUp.append(far)
        open.close(lingering: false)
    }

    /// The rest of a request that has been answered early is for nobody any more.
    private func giveUpRequests() {
        forEachExchange { exchange in
            guard exchange.progress.contains(.replyRead), !exchange.progress.contains(.requestSent)
            else { return }
            _ = exchange.takeUp()
            exchange.progress.formUnion([.requestRead, .requestRisen, .requestSent, .closes])
            current = nil
            advance(to: .refusing)
        }
    }
}
