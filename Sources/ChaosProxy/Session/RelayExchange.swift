import Faults
import HTTPWire

/// One exchange with a backend: a request with its reply, or the whole connection. Two pipelines,
/// and what has come through them and waits for its turn.
final class RelayExchange {
    struct Progress: OptionSet {
        let rawValue: UInt16
        /// All bytes of the request have come.
        static let requestRead = Progress(rawValue: 1)
        /// All that is left of the request has come through its faults.
        static let requestRisen = Progress(rawValue: 2)
        /// The backend has all that is left of the request.
        static let requestSent = Progress(rawValue: 4)
        /// The whole reply has come.
        static let replyRead = Progress(rawValue: 8)
        /// All that is left of the reply has come through its faults.
        static let replyReady = Progress(rawValue: 16)
        /// Bytes without an end in both directions: nothing after it is told apart.
        static let tunnel = Progress(rawValue: 32)
        /// The reply ends with the connection.
        static let untilEnd = Progress(rawValue: 64)
        /// A fault answers; the backend does not see the request.
        static let injected = Progress(rawValue: 128)
        /// The connection ends with it.
        static let closes = Progress(rawValue: 256)
        /// The client's FIN, or the backend's, has come through the faults (of a tunnel).
        static let upEnded = Progress(rawValue: 512)
        static let downEnded = Progress(rawValue: 1024)
        /// The request is answered by nobody.
        static let unanswered = Progress(rawValue: 2048)
        /// What the server says before it is asked (SMTP).
        static let greeting = Progress(rawValue: 4096)
        /// The client has said that it is the last one: the backend ends the connection with it.
        static let last = Progress(rawValue: 8192)
    }

    /// The next one on the same connection.
    var next: RelayExchange?
    private(set) var up: Pipeline
    private(set) var down: Pipeline
    /// What a fault answers, until the request has come through the others.
    var answer: [Flow] = []
    private var readyUp: [Bytes] = []
    private var readyDown: [Flow] = []
    /// Bytes of `readyDown`.
    private(set) var readyBytes = 0
    var progress: Progress
    /// Set when a fault ends the connection here.
    private(set) var upCut: Cut?
    private(set) var downCut: Cut?
    /// What the framing needs to read the reply.
    let kind: UInt8
    let facts: ExchangeFacts?
    /// Whether it is among those in flight.
    var isCounted = true
    /// Bytes that the client's connection has taken over, and how many of them are heads.
    var sentBytes = 0
    var headBytes = 0

    init(
        up: Pipeline, down: Pipeline, progress: Progress = [], kind: UInt8 = 0,
        facts: ExchangeFacts?
    ) {
        (self.up, self.down, self.progress) = (up, down, progress)
        (self.kind, self.facts) = (kind, facts)
    }

    var isTunnel: Bool { progress.contains(.tunnel) }
    /// Whether a reply of the backend is still to come, or the rest of one.
    var awaitsReply: Bool {
        progress.isDisjoint(with: [.injected, .unanswered, .replyRead])
    }
    /// Whether both sides have all that they will get.
    var isOver: Bool {
        progress.contains([.requestSent, .replyReady]) && readyDown.isEmpty
    }

    var deadline: Instant? {
        guard let first = up.deadline else { return down.deadline }
        return min(first, down.deadline ?? first)
    }
    /// Whether a fault holds it for ever.
    var isStuck: Bool { up.isStuck || down.isStuck }
    var heldBytes: Int { up.heldBytes + down.heldBytes }
    /// Whether bytes go through untouched, so that they need not be seen.
    var isClearUp: Bool { up.isEmpty && readyUp.isEmpty && upCut == nil }
    var isClearDown: Bool { down.isEmpty && readyDown.isEmpty && downCut == nil }
    var waitingUp: Int { readyUp.reduce(0) { $0 + $1.count } }

    // MARK: Into the pipelines

    func begin(at now: Instant) {
        up.begin(at: now)
        down.begin(at: now)
    }

    func receiveUp(_ flow: Flow, at now: Instant) {
        var actions = Actions()
        if let due = up.deadline, due <= now { up.wake(at: now, into: &actions) }
        up.receive(flow, at: now, into: &actions)
        take(up: actions)
    }

    func receiveDown(_ flow: Flow, at now: Instant) {
        var actions = Actions()
        if let due = down.deadline, due <= now { down.wake(at: now, into: &actions) }
        down.receive(flow, at: now, into: &actions)
        take(down: actions)
    }

    func wake(at now: Instant) {
        change { (up: inout Pipeline, down: inout Pipeline, first, second) in
            up.wake(at: now, into: &first)
            down.wake(at: now, into: &second)
        }
    }

    /// Lets go of what toxics hold that are gone.
    func keep(only names: Set<String>, at now: Instant) {
        change { up, down, first, second in
            up.keep(only: names, at: now, into: &first)
            down.keep(only: names, at: now, into: &second)
        }
    }

    /// Other faults from now on, with the state of those that stay.
    func replace(_ drawn: [FaultPlan.DrawnFault], at now: Instant) {
        change { up, down, first, second in
            up.replace(with: drawn, stream: .upstream, credits: nil, at: now, into: &first)
            down.replace(with: drawn, stream: .downstream, credits: nil, at: now, into: &second)
        }
        facts?.faults = drawn
    }

    private func change(
        _ body: (inout Pipeline, inout Pipeline, inout Actions, inout Actions) -> Void
    ) {
        var (first, second) = (Actions(), Actions())
        body(&up, &down, &first, &second)
        take(up: first)
        take(down: second)
    }

    private func take(up actions: Actions) {
        for flow in actions.forwarded where upCut == nil {
            switch flow {
            case .bytes(let bytes): if !progress.contains(.injected) { readyUp.append(bytes) }
            case .boundary: progress.insert(.requestRisen)
            case .end: progress.insert(.upEnded)
            case .cut(let cut): upCut = cut
            case .prepared: break  // nothing that a client sends is one
            }
        }
    }

    private func take(down actions: Actions) {
        for flow in actions.forwarded where downCut == nil {
            switch flow {
            case .bytes(let bytes):
                readyBytes += bytes.count
                readyDown.append(flow)
            case .prepared:
                readyDown.append(flow)
                progress.insert(.replyReady)
            case .boundary: progress.insert(.replyReady)
            case .end: progress.insert(.downEnded)
            case .cut(let cut): downCut = cut
            }
        }
    }

    /// Takes out all that is left of the request, held or not.
    func releaseUp(at now: Instant) -> [Bytes] {
        var actions = Actions()
        up.keep(only: [], at: now, into: &actions)
        take(up: actions)
        return takeUp()
    }

    // MARK: Out of them

    func takeAnswer() -> [Flow] {
        defer { answer = [] }
        return answer
    }

    func takeUp() -> [Bytes] {
        defer { readyUp = [] }
        return readyUp
    }

    func takeDown() -> [Flow] {
        defer { (readyDown, readyBytes) = ([], 0) }
        return readyDown
    }
}
