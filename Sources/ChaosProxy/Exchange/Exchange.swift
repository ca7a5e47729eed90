import Faults
import HTTPWire
import Records

/// A request with its answer, or a connection where that is the exchange: from when it begins until
/// nothing of it can reach the client any more. Exists only where something has to wait.
final class Exchange {
    struct Progress: OptionSet {
        let rawValue: UInt16
        /// All bytes of the request have come.
        static let requestRead = Progress(rawValue: 1)
        /// All that is left of the request has come through its faults.
        static let requestRisen = Progress(rawValue: 2)
        /// The backend has all that is left of the request, or nothing of it is for a backend.
        static let requestSent = Progress(rawValue: 4)
        /// The whole reply has come.
        static let replyRead = Progress(rawValue: 8)
        /// Bytes without an end in both directions: nothing after it is told apart.
        static let tunnel = Progress(rawValue: 16)
        /// The reply ends with the connection.
        static let untilEnd = Progress(rawValue: 32)
        /// We answer; the backend does not see the request.
        static let own = Progress(rawValue: 64)
        /// The connection ends with it.
        static let closes = Progress(rawValue: 128)
        /// The client's FIN has come through the faults.
        static let upEnded = Progress(rawValue: 256)
        /// The request is answered by nobody.
        static let unanswered = Progress(rawValue: 512)
        /// What the server says before it is asked (SMTP): no exchange of its own.
        static let greeting = Progress(rawValue: 1024)
        /// It is among those in flight.
        static let counted = Progress(rawValue: 2048)
        /// It has its record.
        static let recorded = Progress(rawValue: 4096)
        /// The backend has the first byte of the request.
        static let asked = Progress(rawValue: 16384)
        /// Another protocol has been switched to with it.
        static let upgraded = Progress(rawValue: 8192)
        /// A script answers it.
        static let scripted = Progress(rawValue: 32768)
    }

    /// The next one on the same connection: answers leave in the order of the requests.
    var next: Exchange?
    var progress: Progress
    /// What the framing needs to read the reply.
    let kind: UInt8
    /// Bytes of the backend's reply that have come, as far as its head is concerned.
    private(set) var replyBytes: UInt32 = 0
    var facts: ExchangeFacts
    /// To the client.
    var down: Lane
    /// From the client; made where faults act on it, or where it has to wait.
    private var rising: Rising?
    /// What few exchanges have.
    private var extra: Extra?

    private final class Rising {
        var lane: Lane

        init(_ lane: consuming Lane) { self.lane = lane }
    }

    private final class Extra {
        /// What is answered, until the request has come through its faults.
        var answer: [Flow] = []
        /// What the rest of the body comes from, where it is made while it is sent.
        var source: StreamedBody?
        /// What is still being made.
        var late: LateAnswer?
        /// What makes the answer.
        var script: ScriptAnswer?
    }

    /// - Parameters:
    ///   - faults: that it has drawn.
    ///   - credits: what `bandwidth` shares with others.
    init(
        _ facts: ExchangeFacts, _ progress: Progress = [.counted], kind: UInt8 = 0,
        faults: [FaultPlan.DrawnFault] = [], credits: SharedBandwidth? = nil
    ) {
        (self.facts, self.progress, self.kind) = (facts, progress, kind)
        down = Lane(
            faults.isEmpty
                ? Pipeline()
                : Pipeline(faults, stream: .downstream, credits: credits?.downstream))
        guard !faults.isEmpty else { return }
        let up = Pipeline(faults, stream: .upstream, credits: credits?.upstream)
        if !up.isEmpty { rising = Rising(Lane(up)) }
    }

    // MARK: Where it stands

    var isTunnel: Bool { progress.contains(.tunnel) }
    var closes: Bool { progress.contains(.closes) }
    /// Whether a reply of the backend is still to come, or the rest of one.
    var awaitsReply: Bool {
        progress.isDisjoint(with: [.own, .unanswered, .replyRead])
    }
    /// Whether the client has been handed all that it gets.
    var isOver: Bool {
        progress.contains(.requestSent) && down.isComplete && down.isEmpty && source == nil
    }
    /// Set when a fault ends the connection here.
    var cut: Cut? { down.cut ?? upCut }
    var upCut: Cut? { rising?.lane.cut }

    /// When the next of what it waits for is due; `distantFuture`: never.
    var wakeTime: Instant {
        let (never, due) = (Instant.distantFuture, down.wakeTime ?? .distantFuture)
        guard rising != nil || progress.contains(.scripted) else { return due }
        return min(rising?.lane.wakeTime ?? never, due, script?.wake ?? never)
    }
    /// Whether a fault holds it for ever.
    var isStuck: Bool { down.isStuck || rising?.lane.isStuck ?? false }
    var isUpStuck: Bool { rising?.lane.isStuck ?? false }
    /// Whether a fault holds something of it.
    var isHolding: Bool { down.isHolding || rising?.lane.isHolding ?? false }
    var heldBytes: Int { down.heldBytes + (rising?.lane.heldBytes ?? 0) }
    var hasUpFaults: Bool { rising?.lane.hasFaults ?? false }
    /// Whether what the client sends goes through untouched, so that it need not be seen.
    var isClearUp: Bool { rising?.lane.isClear ?? true }
    var isUpFull: Bool { rising?.lane.isFull ?? false }
    var waitingUp: Int { rising?.lane.readyBytes ?? 0 }

    /// How long faults have held something of it: in both directions, added.
    func held(until now: Instant) -> Nanoseconds {
        down.held(until: now) &+ (rising?.lane.held(until: now) ?? 0)
    }

    /// What came of its faults, for its record.
    func tellFaults() {
        facts.tellFaults { faults in
            down.tell(&faults)
            rising?.lane.tell(&faults)
        }
    }

    /// More of the backend's reply has come.
    func noteReply(_ count: Int) {
        replyBytes = UInt32(clamping: Int(replyBytes) + count)
    }

    // MARK: Into the lanes

    func begin(at now: Instant) {
        down.begin(at: now)
        rising?.lane.begin(at: now)
    }

    func receiveUp(_ flow: Flow, at now: Instant) {
        if rising == nil {
            switch flow {
            case .boundary: return progress.formUnion(.requestRisen)
            case .end: return progress.formUnion(.upEnded)
            case .bytes, .prepared, .cut: rising = Rising(Lane())
            }
        }
        changeUp { $0.receive(flow, at: now) }
    }

    func wake(at now: Instant) {
        down.wake(at: now)
        changeUp { $0.wake(at: now) }
    }

    /// Lets go of what toxics hold that are gone.
    func keep(only names: Set<String>, at now: Instant) {
        down.keep(only: names, at: now)
        changeUp { $0.keep(only: names, at: now) }
    }

    /// Other faults from now on, with the state of those that stay.
    ///
    /// - Parameter credits: what `bandwidth` shares with others.
    func replace(
        _ drawn: [FaultPlan.DrawnFault], credits: SharedBandwidth, at now: Instant
    ) {
        down.replace(with: drawn, .downstream, credits: credits.downstream, at: now)
        if rising == nil, drawn.contains(where: { $0.toxic.stream == .upstream }) {
            rising = Rising(Lane())
        }
        changeUp { $0.replace(with: drawn, .upstream, credits: credits.upstream, at: now) }
    }

    private func changeUp(_ body: (inout Lane) -> Void) {
        guard let rising else { return }
        body(&rising.lane)
        if rising.lane.isComplete { progress.insert(.requestRisen) }
        if rising.lane.hasEnded { progress.insert(.upEnded) }
    }

    // MARK: Out of them

    /// Takes out what may go to the backend, or to the site.
    func takeUp() -> [Bytes] {
        guard let rising, !rising.lane.isEmpty else { return [] }
        return rising.lane.takeReady().compactMap { flow in
            if case .bytes(let bytes) = flow { bytes } else { nil }
        }
    }

    /// Takes out all that is left of the request, held or not.
    func releaseUp(at now: Instant) -> [Bytes] {
        changeUp { $0.keep(only: [], at: now) }
        return takeUp()
    }

    // MARK: What few have

    /// What is answered, until the request has come through its faults.
    var answer: [Flow] {
        get { extra?.answer ?? [] }
        set { makeExtra().answer = newValue }
    }

    func takeAnswer() -> [Flow] {
        guard let extra else { return [] }
        defer { extra.answer = [] }
        return extra.answer
    }

    /// What the rest of the body comes from, where it is made while it is sent.
    var source: StreamedBody? {
        get { extra?.source }
        set { if newValue != nil || extra != nil { makeExtra().source = newValue } }
    }

    /// The answer that is still being made.
    var late: LateAnswer? {
        get { extra?.late }
        set { makeExtra().late = newValue }
    }

    /// What makes the answer, where a script does.
    var script: ScriptAnswer? {
        get { progress.contains(.scripted) ? extra?.script : nil }
        set {
            if newValue == nil {
                progress.remove(.scripted)
                extra?.script = nil
            } else {
                progress.insert(.scripted)
                makeExtra().script = newValue
            }
        }
    }

    private func makeExtra() -> Extra {
        let made = extra ?? Extra()
        extra = made
        return made
    }
}
