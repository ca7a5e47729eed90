import EventLoop
import Faults
import Records

/// One client connection of a proxy, as the proxy sees it. Loop thread only.
class Session: ConnectionHandler {
    /// How it stands to the limits of its proxy.
    struct Standing: OptionSet {
        let rawValue: UInt8
        /// Its client is another proxy of ours, which counts what comes.
        static let via = Standing(rawValue: 1)
        /// It is one connection too many: its first request is refused.
        static let surplus = Standing(rawValue: 2)
        /// A request of it waits for admission.
        static let queued = Standing(rawValue: 4)
        /// The request that waited has its place.
        static let granted = Standing(rawValue: 8)
        /// The request that waited has waited too long.
        static let expired = Standing(rawValue: 16)
    }

    /// Most idle sessions have nothing, and most of the others exchanges only: one place for both.
    private enum Load {
        case nothing
        case exchange(Exchange)
        case extra(SessionExtra)
    }

    /// Strong, though the proxy lists its sessions: it is asked several times for each request, and
    /// one that is not would be retained and released each time.
    let proxy: Proxy
    /// At this proxy, from 1.
    let number: UInt32
    /// Place in the proxy's list; -1 in none.
    var index: Int32 = -1
    /// nil if too many addresses are known.
    let meter: ClientMeter?
    private var load = Load.nothing
    private let peerPort: UInt16
    var standing: Standing = []

    /// - Parameter isConnection: false for what only asks and is answered, which takes no place.
    init(proxy: Proxy, peer: SocketAddress?, isConnection: Bool = true) {
        self.proxy = proxy
        number = proxy.nextConnectionNumber()
        (meter, peerPort) = (proxy.meter(of: peer), peer?.port ?? 0)
        super.init()
        if isConnection { proxy.joined(self, from: peer) }
    }

    /// Whether it is a connection, which takes places.
    var isConnection: Bool { true }

    /// Who is at the other end, also when it has gone.
    var client: SocketAddress? { meter?.address.with(port: peerPort) }

    /// A system call of ours has failed.
    func tellFailure(_ error: Int32) {
        proxy.environment.warn(
            of: .socket(error),
            "\(proxy.name): connection \(number): \(EventLoopError("its socket", errno: error))")
    }

    /// Says whose a record is. In place: one that were returned would be copied, for each request.
    @inline(__always)
    func sign(_ record: inout ExchangeRecord) {
        (record.connection, record.client) = (number, client)
        if let via { record.via = via }
        if let origin = proxy.environment.origin { record.origin = origin }
        if standing.contains(.via) { record.isCountedElsewhere = true }
    }

    /// Whether its next request has to be asked for admission.
    @inline(__always)
    var mustAsk: Bool {
        proxy.isLimited || !standing.isDisjoint(with: [.surplus, .granted, .expired])
    }

    /// The oldest exchange that is not over.
    final var first: Exchange? {
        get {
            switch load {
            case .nothing: nil
            case .exchange(let exchange): exchange
            case .extra(let extra): extra.first
            }
        }
        set {
            if let extra { return extra.first = newValue }
            load = newValue.map(Load.exchange) ?? .nothing
        }
    }

    // MARK: What few sessions have

    final var extra: SessionExtra? {
        if case .extra(let extra) = load { extra } else { nil }
    }

    private func makeExtra() -> SessionExtra {
        if let extra { return extra }
        let made = SessionExtra()
        made.first = first
        load = .extra(made)
        return made
    }

    /// What a site's client has sent of a request, or of the body that follows one.
    final var incoming: IncomingRequest? {
        get { extra?.incoming }
        set {
            guard newValue != nil || extra != nil else { return }
            makeExtra().incoming = newValue
            if newValue == nil { dropExtra() }
        }
    }

    /// Bytes that faults hold, as far as the environment has been told.
    final var heldBytes: Int {
        get { extra?.heldBytes ?? 0 }
        set {
            guard newValue != 0 || extra != nil else { return }
            makeExtra().heldBytes = newValue
            // While something goes on they come and go with each piece.
            if newValue == 0, first == nil { dropExtra() }
        }
    }

    /// Clients that once sent a request in pieces are many.
    private func dropExtra() {
        guard let extra, extra.isEmpty else { return }
        load = extra.first.map(Load.exchange) ?? .nothing
    }

    /// The proxy of ours that its client is.
    var via: String? { extra?.via }

    /// - Parameter isCountedThere: its requests are, and so in no total and under no limit here.
    func comes(via proxy: String, isCountedThere: Bool) {
        if isCountedThere { standing.insert(.via) }
        makeExtra().via = proxy
    }

    /// Of a connection that is the exchange, from its begin.
    var origin: RecordOrigin? { extra?.origin }

    func begins(as origin: RecordOrigin) { makeExtra().origin = origin }

    /// What faults do to the connection beyond the exchanges that drew them.
    var connectionFaults: ConnectionFaults? { extra?.faults }

    /// - Returns: what the faults of one more exchange share with those before it.
    func note(_ drawn: [FaultPlan.DrawnFault]) -> ConnectionFaults? {
        guard ConnectionFaults.concern(drawn) else { return connectionFaults }
        let faults = connectionFaults ?? ConnectionFaults(of: proxy.bandwidth)
        faults.note(drawn)
        makeExtra().faults = faults
        return faults
    }

    /// How the connection begins, and how long it lasts, if faults have a say in it.
    var lifetime: ConnectionLifetime? { extra?.lifetime }

    func set(lifetime: ConnectionLifetime) { makeExtra().lifetime = lifetime }

    /// What reads the client's first words, behind which it gets an error in place of the backend.
    var opening: OpeningReading? { extra?.opening }

    func set(opening: OpeningReading?) {
        guard opening != nil || extra != nil else { return }
        makeExtra().opening = opening
        if opening == nil { dropExtra() }
    }

    /// The script that waits for the next request.
    var awaitingScript: ScriptAnswer? { extra?.script }

    func set(awaitingScript: ScriptAnswer?) {
        guard awaitingScript != nil || extra != nil else { return }
        makeExtra().script = awaitingScript
        if awaitingScript == nil { dropExtra() }
    }

    // MARK: What the proxy asks for

    /// Tells each exchange that counts as in flight, the oldest first.
    func forEachRunning(_ body: (RunningExchange) -> Void) {}
    /// The request that waits for its place since then; nil if there is none.
    func waitingRequest(since: Instant) -> RunningExchange? { nil }
    /// Whether the client waits for something that has been asked for.
    var isOwing: Bool { false }
    /// Once a second: ends what has taken too long.
    func checkTimeLimits(_ now: UInt64) {}
    /// Ends as soon as nothing is owed any more.
    func drain() {}
    /// Ends now, with FIN on both sides.
    func close() {}
    /// Ends now, with RST on both sides.
    func reset() {}
    /// The proxy has another plan; it holds for this session when this returns.
    func planChanged() {}
    /// Asks to be woken, because a request that waited may go on.
    func admitted() {}
}
