import EventLoop
import Faults
import HTTPWire
import Records

/// The client's side of a session, before a site and before a backend: its exchanges, whose answers
/// leave in the order of their requests. Loop thread only.
///
/// What is called through a base class is `@specialized` where it is called often: else it would
/// be the same code for any stream, which looks up each call and each type.
class ClientSession<Stream: ByteStream>: Session {
    /// Exchanges that may be under way on one connection; above it no more are read.
    static var maximumPending: Int { 64 }
    /// Requests of one connection that are served in one turn of the loop.
    static var maximumTurn: UInt32 { 64 }
    /// Output that may wait on one side, in bytes; above it the other is not read.
    static var highMark: Int { 256 << 10 }

    // First, where the base class leaves room for them: there are thousands of sessions.
    private(set) var phase = SessionPhase.open
    var clientSide: RelaySide = []
    var backendSide: RelaySide = []
    var flags: SessionFlags = []
    let stream: Stream
    var exchangeCount: UInt32 = 0

    init(stream: Stream, proxy: Proxy, peer: SocketAddress?) {
        self.stream = stream
        super.init(proxy: proxy, peer: peer ?? stream.peer)
    }

    var now: Instant { proxy.environment.now() }

    func advance(to phase: SessionPhase) {
        self.phase = max(self.phase, phase)
    }

    // MARK: Its exchanges

    func forEachExchange(_ body: (Exchange) -> Void) {
        var exchange = first
        while let each = exchange {
            body(each)
            exchange = each.next
        }
    }

    func append(_ exchange: Exchange) {
        guard var last = first else { return first = exchange }
        while let next = last.next { last = next }
        last.next = exchange
    }

    /// Takes the first one away: nothing of it is to come.
    func remove(_ exchange: Exchange) {
        first = exchange.next
        exchange.next = nil
    }

    /// Asks to be woken when the next of what waits is due.
    func schedule() {
        let now = now
        var deadline = connectionFaults?.deadline(after: now)?.nanoseconds ?? .max
        if let due = lifetime?.deadline { deadline = min(deadline, due.nanoseconds) }
        forEachExchange { deadline = min(deadline, $0.wakeTime.nanoseconds) }
        if mayGoOn { deadline = now.nanoseconds }
        if deadline < .max { wake(at: deadline) }
    }

    /// Lets go of what toxics hold that are gone.
    func keepFaults() {
        let (names, now) = (proxy.plan.names, now)
        forEachExchange { $0.keep(only: names, at: now) }
        connectionFaults?.keep(only: names)
        releaseScripts(except: names)
        guard let lifetime else { return }
        lifetime.keep(only: names)
        if lifetime.isKeptOut { schedule() }
    }

    // MARK: What the kinds of session do differently

    /// What the connection is drawn by as it comes: how many there were before it, from 1.
    func arrivalOrdinal() -> UInt64 { proxy.nextConnectionOrdinal() }
    /// Nothing keeps the connection out any more: it is read.
    func gotIn() {}
    /// Whether no request has come, nor a part of one.
    var isIdle: Bool { !keepsRequests && !standing.contains(.queued) }
    /// Brings it up to date after anything has happened.
    func settle() {}
    /// Whether something can be gone on with at once, after others have had their turn.
    var mayGoOn: Bool { flags.contains(.pumping) }
    func wake(at deadline: UInt64) { stream.wake(at: deadline) }
    /// More of a body that is made while it is sent.
    func pump(_ exchange: Exchange) {}
    /// No request is read any more.
    func endRequests() { advance(to: .refusing) }
    /// The reply that a script waits for is not for it any more.
    func stopAsking(_ exchange: Exchange, _ reason: String) {}
    /// Whether the answer cannot come any more, and all that came of it has left.
    func isHopeless(_ exchange: Exchange) -> Bool { false }
    /// Whether something of the client's is kept that may begin another exchange.
    var keepsRequests: Bool { false }
    /// Nothing is owed to the client any more.
    func becameIdle() {}
    /// Whether the client is gone, and what it has sent is still on its way.
    var handsOver: Bool { false }
    /// The end has come through of what has no other.
    func finishClient() {}
    /// Whether the end owed to the client is a reset, because its backend's was one.
    var isResetOwed: Bool { false }
    /// Whether `slow_close` holds back our FIN; from the first time that this is asked on.
    var isEndHeld: Bool { connectionFaults?.toClient.isHeld(at: now) ?? false }
    /// Since when `slow_close` holds it back.
    var endHeldSince: Instant? { phase == .open ? nil : connectionFaults?.toClient.since }
    /// A connection that is the exchange, and has none, is over.
    func finishConnection() {}
    /// Ends the connection behind what has been written, with FIN.
    func closeNow() {}
    /// Ends it with FIN when the client has what was written.
    func closeAcknowledged() { stream.closeWhenAcknowledged() }
    /// Ends it as a fault says.
    func cutNow(_ cut: Cut) {}
    /// Facts of the request that waits for its place, which it has never had; nil if none does.
    func queuedFacts(since: Instant?) -> ExchangeFacts? { nil }
    /// It waits no more.
    func forgetQueued() {}
    /// Facts of a connection in flight that needs no `Exchange`; nil if it is none.
    var plainConnection: ExchangeFacts? { nil }

    // MARK: What is under way

    override func forEachRunning(_ body: (RunningExchange) -> Void) {
        // What comes through another proxy of ours counts as in flight there.
        guard !standing.contains(.via) else { return }
        if let facts = plainConnection { body(running(facts)) }
        forEachExchange { exchange in
            guard exchange.progress.contains(.counted) else { return }
            body(running(exchange.facts))
        }
    }

    override func waitingRequest(since: Instant) -> RunningExchange? {
        // It has its number only when it has its place, or goes away without one.
        let count = exchangeCount
        defer { exchangeCount = count }
        return queuedFacts(since: since).map { running($0, isWaiting: true) }
    }

    private func running(_ facts: ExchangeFacts, isWaiting: Bool = false) -> RunningExchange {
        RunningExchange(
            facts, proxy: proxy.name, connection: number, client: client, isWaiting: isWaiting)
    }

    // MARK: What the client's connection says

    @_specialize(where Stream == Connection)
    override func drained() {
        if phase >= .ended, !flags.contains(.resetting) { finishAll() }
        settle()
    }

    override func lost(_ count: Int, untaken: Int) {
        // Answers leave in order: what is missing is missing of the one that leaves now.
        first?.facts.lost(count, untaken: untaken)
    }

    func noteClosed(_ ending: ConnectionEnding) {
        clientSide.insert(.closed)
        switch ending {
        case .fin: break
        case .rst:
            if flags.isDisjoint(with: [.timedOut, .cut]), !isResetOwed {
                flags.insert(.cutByReset)
            }
        case .peerReset: clientSide.insert(.reset)
        case .failed(let error): noteFailure(error)
        }
    }

    /// A system call of ours has failed, on either side.
    func noteFailure(_ error: Int32) {
        flags.insert(.failed)
        tellFailure(error)
    }

    override func closed(_ ending: ConnectionEnding) {
        noteClosed(ending)
        advance(to: .ended)
        finishAll()
        proxy.left(self)
    }

    override var isOwing: Bool { first != nil }
    override func admitted() { stream.wake(at: now.nanoseconds) }
}
