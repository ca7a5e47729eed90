import EventLoop
import Faults
import HTTPWire
import Records

/// One client connection with a backend behind it: what comes in on one side goes out on the other,
/// through the faults that its exchanges have drawn. Loop thread only.
final class RelaySession<Stream: ByteStream>: ClientSession<Stream> {
    // First, where the base class leaves room for it.
    /// Beside how many others a connection that is the exchange began.
    var begunInFlight: UInt32 = 0
    var far: FarEnd<Stream>?
    /// nil where the connection is the exchange.
    var messages: MessageReading?
    /// The exchange that the client's bytes belong to.
    var current: Exchange?
    /// When a connection that is the exchange began.
    var begun = Instant(nanoseconds: 0)
    /// What the connection is drawn by: how many this proxy had seen, from 1.
    var ordinal: UInt64 = 0
    /// Bytes to the client outside of any exchange: without faults a connection needs none.
    var plainBytes = 0

    override init(stream: Stream, proxy: Proxy, peer: SocketAddress? = nil) {
        super.init(stream: stream, proxy: proxy, peer: peer)
    }

    /// Called once, when both ends know of each other.
    func begin() {
        proxy.environment.onTraffic?(.start, proxy)
        let traits = proxy.protocol.traits
        if let framing = traits.framing {
            messages = MessageReading(framing())
        } else {
            guard beginConnection() else { return }
        }
        if !proxy.plan.hasArrivals || getsIn() { goOn() }
    }

    /// Nothing keeps the connection out, or not any more.
    private func goOn() {
        guard messages != nil else { return beginConnectionExchange() }
        guard proxy.protocol.traits.serverSpeaksFirst else { return }
        let facts = ExchangeFacts(start: now, inFlight: 0, number: 0)
        append(Exchange(facts, [.greeting, .requestRead, .requestRisen, .requestSent]))
        dial()
    }

    override func arrivalOrdinal() -> UInt64 { messages == nil ? ordinal : super.arrivalOrdinal() }

    override func gotIn() {
        goOn()
        if messages == nil, clientSide.contains(.ended) { current?.receiveUp(.end, at: now) }
        settle()
    }

    override var isIdle: Bool { current == nil && super.isIdle }

    // MARK: The connection as the exchange

    @_specialize(where Stream == Connection)
    override func finishConnection() {
        finishConnection(ending(of: first))
    }

    override func planChanged() {
        guard phase < .over else { return }
        let isKeptOut = lifetime?.isKeptOut == true && phase < .ended
        if messages != nil || flags.contains(.recorded) || isKeptOut {
            keepFaults()
        } else if phase < .ended {
            meet(drawConnection())
        }
        settle()
    }

    // MARK: What the client's connection says

    @_specialize(where Stream == Connection)
    override func received(_ bytes: UnsafeRawBufferPointer) {
        proxy.counters.receivedUpstream += UInt64(bytes.count)
        proxy.environment.onTraffic?(.toBackend, proxy)
        if let opening {
            read(opening, bytes)
        } else if messages == nil {
            sendThrough(bytes)
        } else {
            readRequests(bytes)
        }
        settle()
    }

    @_specialize(where Stream == Connection)
    override func relayed(_ count: Int) {
        let proxy = proxy
        proxy.counters.receivedUpstream += UInt64(count)
        proxy.counters.sentUpstream += UInt64(count)
        proxy.environment.onTraffic?(.toBackend, proxy)
    }

    @_specialize(where Stream == Connection)
    override func receivedEnd() {
        clientSide.insert(.ended)
        if messages == nil { return connectionEnded() }
        if first != nil || standing.contains(.queued), clientHasLeft() { return leave() }
        if isScripted { tellScriptsOfEnd() }
        requestsEnded()
        if let current, current.isTunnel { current.receiveUp(.end, at: now) }
        settle()
    }

    @_specialize(where Stream == Connection)
    override func settle() { settleAll() }

    @_specialize(where Stream == Connection)
    override func woke(at now: UInt64) {
        if lifetime?.isKeptOut == true, phase < .ended { return letIn() }
        let now = Instant(nanoseconds: now)
        if !standing.isDisjoint(with: [.granted, .expired]) { readKept() }
        forEachExchange { $0.wake(at: now) }
        settle()
    }

    @_specialize(where Stream == Connection)
    override func wake(at deadline: UInt64) {
        (stream.isOpen ? stream : far?.open)?.wake(at: deadline)
    }

    @_specialize(where Stream == Connection)
    override func lost(_ count: Int, untaken: Int) {
        guard first == nil else { return super.lost(count, untaken: untaken) }
        plainBytes = max(plainBytes - count, 0)
    }

    @_specialize(where Stream == Connection)
    override func closed(_ ending: ConnectionEnding) {
        super.closed(ending)
        if handsOver { return settle() }
        if ending != .fin, !flags.contains(.gone) {
            far?.hangUp()
            far?.open?.reset()
        } else {
            closeFar()
        }
        endIfOver()
    }

    override var handsOver: Bool {
        messages == nil && flags.contains(.gone) && !backendSide.contains(.finished)
            && far.map { $0.isDialing || $0.open != nil } ?? false
            && current?.isUpStuck != true
    }

    // MARK: How it ends

    override var keepsRequests: Bool { messages?.keptUp.isEmpty == false }

    override var isResetOwed: Bool {
        backendSide.contains(.reset) || flags.contains(.backendRefused) && hasUnread
    }

    @_specialize(where Stream == Connection)
    override func remove(_ exchange: Exchange) {
        super.remove(exchange)
        if current === exchange { current = nil }
    }

    @_specialize(where Stream == Connection)
    override func becameIdle() { endUnowed() }

    override func stopAsking(_ exchange: Exchange, _ reason: String) {
        giveBack(exchange, reason)
    }

    override func endRequests() {
        super.endRequests()
        messages?.keptUp = []
    }

    @_specialize(where Stream == Connection)
    override func finishClient() {
        if clientSide.insert(.finished).inserted { endFinished() }
    }

    @_specialize(where Stream == Connection)
    override func isHopeless(_ exchange: Exchange) -> Bool {
        // Who has ended will not wait for what never comes (as with Toxiproxy's timeout).
        let isEnded = clientSide.contains(.ended) || backendSide.contains(.ended)
        if exchange.isStuck { return isEnded }
        guard exchange.down.heldBytes == 0, exchange.down.deadline == nil else { return false }
        if flags.contains(.backendRefused), exchange.awaitsReply { return true }
        let isMissing = exchange.awaitsReply && !exchange.isTunnel
        return backendSide.contains(.ended) && (isMissing || exchange.down.isComplete)
    }

    @_specialize(where Stream == Connection)
    override func closeNow() {
        closeBoth(lingering: !clientSide.contains(.ended) && !flags.contains(.backendRefused))
    }

    override func closeAcknowledged() {
        stream.closeWhenAcknowledged()
        closeFar()
    }

    @_specialize(where Stream == Connection)
    override func cutNow(_ cut: Cut) {
        switch cut {
        case .fin: closeBoth(lingering: !clientSide.contains(.ended))
        case .rst:
            far?.hangUp()
            stream.resetInOrder()
            far?.open?.resetInOrder()
        }
    }

    override func queuedFacts(since: Instant?) -> ExchangeFacts? {
        guard let messages, let held = messages.held else { return nil }
        exchangeCount &+= 1
        return messages.keptUp.withUnsafeBytes { bytes in
            let head = held.head(in: bytes)
            return facts(
                method: bytes.part(head.method), target: bytes.part(head.target),
                of: head.request, attempt: nil, [], waitedSince: since,
                inFlight: proxy.counters.inFlight, at: now)
        }
    }

    override var plainConnection: ExchangeFacts? {
        // It has its number from when it is in flight.
        guard messages == nil, first == nil, exchangeCount > 0,
            flags.isDisjoint(with: [.recorded, .leftFlight])
        else { return nil }
        return connectionFacts([])
    }

    override func forgetQueued() {
        messages?.held = nil
        messages?.keptUp = []
        flags.remove(.paused)
    }

    // MARK: What the proxy asks for

    override var isOwing: Bool { first != nil && (messages != nil || heldBytes > 0) }

    /// The client is gone, and the backend's connection goes at once.
    private func leave() {
        advance(to: .ended)
        closeGone()
        closeFar()
    }

    /// Half closed at first, the client may have gone since then.
    private func leaveIfGone() {
        guard phase < .ended, first != nil || messages == nil, stream.peerHasGone == true else {
            return
        }
        if messages == nil { connectionGone() } else if clientHasLeft() { leave() }
    }

    override func close() {
        stopWaiting()
        end(isReset: false) { closeBoth(lingering: !clientSide.contains(.ended)) }
    }

    override func reset() {
        flags.formUnion([.cut, .cutByReset])
        far?.hangUp()
        stream.reset()
        far?.open?.reset()
    }

    override func drain() {
        flags.insert(.draining)
        if lifetime?.isKeptOut == true { return close() }
        // It has no place, and will get none: its answer is owed like the others.
        if standing.contains(.queued) {
            proxy.queue.expire(self)
            readKept()
        }
        settle()
    }

    /// A peer that takes nothing must not keep for ever what has been ended.
    override func checkTimeLimits(_ now: UInt64) {
        if clientSide.contains(.ended), stream.isOpen {
            stream.probe()
            leaveIfGone()
        }
        if backendSide.contains(.ended) { far?.open?.probe() }
        checkRequestTime()
        guard phase >= .ended || first?.progress.contains(.scripted) == true else { return }
        let limit = UInt64(proxy.limits.stalledSend) * 1_000_000_000
        for side in [stream, far?.stream].compactMap(\.self) where side.isOpen {
            guard let since = side.stalledSince, now > since, now - since > limit else { continue }
            if side === stream { flags.insert(.timedOut) }
            side.reset()
        }
    }
}
