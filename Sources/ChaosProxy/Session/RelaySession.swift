import EventLoop
import Faults
import HTTPWire

/// Where a session with a backend stands.
struct RelayFlags: OptionSet {
    let rawValue: UInt32
    /// The client's FIN has come; the backend's.
    static let clientEnded = RelayFlags(rawValue: 1)
    static let farEnded = RelayFlags(rawValue: 2)
    /// The client has been sent a FIN; the backend has.
    static let clientFinished = RelayFlags(rawValue: 4)
    static let farFinished = RelayFlags(rawValue: 8)
    static let clientClosed = RelayFlags(rawValue: 16)
    static let farClosed = RelayFlags(rawValue: 32)
    /// The client has reset the connection; the backend has, or could not be reached.
    static let clientReset = RelayFlags(rawValue: 64)
    static let farReset = RelayFlags(rawValue: 128)
    static let refused = RelayFlags(rawValue: 256)
    /// A fault has ended the connection, with FIN or with RST.
    static let cut = RelayFlags(rawValue: 512)
    static let cutByReset = RelayFlags(rawValue: 1024)
    /// Bytes go straight from one socket to the other.
    static let relayingUp = RelayFlags(rawValue: 2048)
    static let relayingDown = RelayFlags(rawValue: 4096)
    /// No further request is read.
    static let refusing = RelayFlags(rawValue: 8192)
    /// It ends as soon as nothing is held any more.
    static let draining = RelayFlags(rawValue: 16384)
    /// What is kept of the client's bytes waits for room, not for more bytes.
    static let waitsForRoom = RelayFlags(rawValue: 32768)
    /// We have ended it, and wait for what is written to be taken.
    static let closing = RelayFlags(rawValue: 65536)
    /// Both ends are gone, and the proxy knows.
    static let over = RelayFlags(rawValue: 131072)
    /// It counts as one that has met a plan.
    static let drawn = RelayFlags(rawValue: 262144)
    /// All exchanges have their records.
    static let recorded = RelayFlags(rawValue: 524288)
    /// The backend's FIN has come before the client's.
    static let farEndedFirst = RelayFlags(rawValue: 1_048_576)
}

/// One client connection with a backend behind it: what comes in on one side goes out on the other,
/// through the faults that its exchanges have drawn. Loop thread only.
final class RelaySession<Stream: ByteStream>: Session {
    /// Exchanges that may be under way on one connection; above it no more are read.
    static var maximumPending: Int { 64 }
    /// Output that may wait on one side, in bytes; above it the other is not read.
    static var highMark: Int { 256 << 10 }

    // First, where the base class leaves room for them: there may be thousands of sessions.
    var flags: RelayFlags = []
    let stream: Stream
    private(set) var far: FarEnd<Stream>?
    /// nil where the connection is the exchange.
    var messages: MessageReading?
    /// The oldest exchange that is not over.
    var first: RelayExchange?
    /// The one that the client's bytes belong to.
    var current: RelayExchange?
    var exchangeCount: UInt32 = 0
    /// Beside how many others a connection that is the exchange began, and when.
    private var begunInFlight: UInt32 = 0
    private var begun = Instant(nanoseconds: 0)
    /// What the connection is drawn by: how many this proxy had seen, from 1.
    private var ordinal: UInt64 = 0
    /// Bytes to the client outside of any exchange: without faults a connection needs none.
    var plainBytes = 0
    var heldBytes = 0

    init(stream: Stream, proxy: Proxy, index: Int32 = -1, peer: SocketAddress? = nil) {
        self.stream = stream
        super.init(proxy: proxy, index: index, peer: peer ?? stream.peer)
    }

    /// Called once, when both ends know of each other.
    func begin() {
        proxy.environment.onTraffic?(.start, proxy)
        let traits = proxy.protocol.traits
        guard let framing = traits.framing else { return beginConnectionExchange() }
        messages = MessageReading(framing())
        guard traits.serverSpeaksFirst else { return }
        let greeting = RelayExchange(
            up: Pipeline(), down: Pipeline(),
            progress: [.greeting, .requestRead, .requestRisen, .requestSent], facts: nil)
        greeting.isCounted = false
        append(greeting)
        dial()
    }

    // MARK: The connection as the exchange

    private func beginConnectionExchange() {
        if standing.contains(.surplus) { return refuseConnection() }
        let inFlight = proxy.began(self)
        ordinal = proxy.nextConnectionOrdinal()
        (begun, begunInFlight) = (now, UInt32(clamping: inFlight))
        exchangeCount &+= 1
        let drawn = drawConnection()
        if !drawn.isEmpty { appendTunnel(drawn, facts: connectionFacts(drawn)) }
        if let reply = injectedReply(drawn) {
            proxy.injected(self)
            flags.insert(.refusing)
            first?.progress.formUnion([.injected, .requestSent, .closes])
            first?.receiveDown(.bytes(reply), at: now)
            first?.receiveDown(.boundary, at: now)
            return settle()
        }
        dial()
        settle()
    }

    private func drawConnection() -> [FaultPlan.DrawnFault] {
        guard !proxy.plan.isEmpty else { return [] }
        if flags.insert(.drawn).inserted { proxy.counters.drawn += 1 }
        return proxy.drawConnection(ordinal: ordinal, from: stream.peer?.host, number: number)
    }

    private func injectedReply(_ drawn: [FaultPlan.DrawnFault]) -> Bytes? {
        for fault in drawn {
            guard case .respond = fault.effect else { continue }
            return proxy.protocol.errorReply().map { Bytes($0.bytes) }
        }
        return nil
    }

    /// - Returns: nil if nobody wants records.
    func connectionFacts(_ drawn: [FaultPlan.DrawnFault]) -> ExchangeFacts? {
        guard proxy.environment.onRecord != nil else { return nil }
        let facts = ExchangeFacts(
            faults: drawn, start: begun, inFlight: Int(begunInFlight), number: 1)
        facts.isConnection = true
        return facts
    }

    /// Everything from here on is bytes.
    func appendTunnel(_ drawn: [FaultPlan.DrawnFault], facts: ExchangeFacts?) {
        let tunnel = RelayExchange(
            up: Pipeline(drawn, stream: .upstream), down: Pipeline(drawn, stream: .downstream),
            progress: .tunnel, facts: facts)
        tunnel.begin(at: now)
        append(tunnel)
        current = tunnel
    }

    override func planChanged() {
        guard !flags.contains(.clientClosed) else { return }
        if messages != nil {
            let names = proxy.plan.names
            forEachExchange { $0.keep(only: names, at: now) }
            connectionFaults?.keep(only: names)
        } else if !flags.contains(.refusing) {
            let drawn = drawConnection()
            if let first {
                first.replace(drawn, at: now)
            } else if !drawn.isEmpty {
                appendTunnel(drawn, facts: connectionFacts(drawn))
                first?.sentBytes = plainBytes
                if flags.contains(.clientEnded) { first?.receiveUp(.end, at: now) }
                if flags.contains(.farEnded) { first?.receiveDown(.end, at: now) }
            }
        }
        settle()
    }

    // MARK: What the client's connection says

    override func received(_ bytes: UnsafeRawBufferPointer) {
        proxy.counters.receivedUpstream += UInt64(bytes.count)
        proxy.environment.onTraffic?(.toBackend, proxy)
        if messages == nil { sendThrough(bytes) } else { readRequests(bytes) }
        settle()
    }

    override func relayed(_ count: Int) {
        proxy.counters.receivedUpstream += UInt64(count)
        proxy.counters.sentUpstream += UInt64(count)
        proxy.environment.onTraffic?(.toBackend, proxy)
    }

    override func receivedEnd() {
        flags.insert(.clientEnded)
        if messages != nil, first != nil || standing.contains(.queued), clientHasLeft() { return }
        if messages != nil { requestsEnded() }
        if let current, current.isTunnel { current.receiveUp(.end, at: now) }
        settle()
    }

    override func drained() { settle() }

    override func woke(at now: UInt64) {
        let now = Instant(nanoseconds: now)
        if !standing.isDisjoint(with: [.granted, .expired]) { readKept() }
        forEachExchange { $0.wake(at: now) }
        settle()
    }

    override func admitted() { stream.wake(at: now.nanoseconds) }

    override func lost(_ count: Int) {
        if let first {
            first.sentBytes = max(first.sentBytes - count, 0)
        } else {
            plainBytes = max(plainBytes - count, 0)
        }
    }

    override func closed(_ ending: ConnectionEnding) {
        flags.insert(.clientClosed)
        far?.hangUp()
        if ending == .peerReset {
            flags.insert(.clientReset)
            far?.open?.reset()
        } else {
            far?.open?.close(lingering: !flags.contains(.farEnded))
        }
        recordRest()
        endIfOver()
    }

    // MARK: What the backend's connection says

    func dial() {
        guard far == nil else { return }
        guard let backend = proxy.upstream.backend else { return }
        let far = FarEnd(self)
        self.far = far
        far.dial(backend, for: proxy)
    }

    func connected() {
        if flags.contains(.clientClosed) { far?.open?.reset() }
        settle()
    }

    func dialFailed(_ error: DialError) {
        proxy.environment.warnOfTrouble("\(proxy.name): \(error)")
        flags.formUnion([.refused, .farEnded, .farReset, .farClosed])
        // Nothing can come that the client would still wait for behind a fault.
        if messages == nil { stream.resetInOrder() }
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
        proxy.counters.receivedDownstream += UInt64(count)
        proxy.counters.sentDownstream += UInt64(count)
        if let first { first.sentBytes += count } else { plainBytes += count }
        proxy.environment.onTraffic?(.toClient, proxy)
    }

    func farReceivedEnd() {
        flags.formUnion(flags.contains(.clientEnded) ? .farEnded : [.farEnded, .farEndedFirst])
        repliesEnded()
        settle()
    }

    func farClosed(_ ending: ConnectionEnding) {
        flags.insert(.farClosed)
        if ending == .peerReset, !flags.contains(.clientClosed) {
            flags.formUnion([.farEnded, .farReset])
            if let tunnel = awaitingReply, tunnel.isTunnel {
                tunnel.receiveDown(.cut(.rst), at: now)
            } else if messages == nil, first == nil {
                stream.resetInOrder()
            }
            settle()
        }
        endIfOver()
    }

    // MARK: What the proxy asks for

    override var isOwing: Bool { first != nil && (messages != nil || heldBytes > 0) }

    override func close() {
        flags.insert(.closing)
        giveUpWaiting()
        far?.hangUp()
        stream.close(lingering: !flags.contains(.clientEnded))
        far?.open?.close(lingering: !flags.contains(.farEnded))
    }

    override func reset() {
        flags.insert(.cutByReset)
        far?.hangUp()
        stream.reset()
        far?.open?.reset()
    }

    /// A peer that takes nothing must not keep for ever what has been ended.
    override func checkTimeLimits(_ now: UInt64) {
        if flags.contains(.clientEnded) { stream.probe() }
        if flags.contains(.farEnded) { far?.open?.probe() }
        guard flags.contains(.closing) else { return }
        let limit = UInt64(proxy.limits.stalledSend) * 1_000_000_000
        for side in [stream, far?.stream].compactMap(\.self) where side.isOpen {
            if let since = side.stalledSince, now > since, now - since > limit { side.reset() }
        }
    }

    override func drain() {
        flags.insert(.draining)
        // It has no place, and will get none: its answer is owed like the others.
        if standing.contains(.queued) {
            proxy.queue.expire(self)
            readKept()
        }
        settle()
    }
}
