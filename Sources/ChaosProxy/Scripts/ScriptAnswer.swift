import Faults
import HTTPWire

/// A script that answers an exchange, and later ones of the same connection if it waits for them:
/// what it has been given, and what has come of it. Loop thread only.
final class ScriptAnswer {
    /// The toxic that it is of, as it was drawn.
    let fault: FaultPlan.DrawnFault
    /// When it wants to be run again; nil: when its output has room, or something comes.
    var wake: Instant?
    /// What the backend has replied so far, until the script has it.
    var reply: CollectedReply?
    /// Bytes that it has made of this answer.
    private(set) var made = 0
    private(set) var stage = Stage.before
    /// Whether our FIN has its place behind what it has made; the client is still heard.
    private(set) var isHalfClosed = false
    /// Whether that has been sent.
    private(set) var hasFinished = false
    /// Whether it has kept the client waiting.
    private(set) var hasWaited = false
    /// Whether its head has said another status than the honest one.
    private(set) var saysStatus = false
    /// Whether its waiting is over, because its toxic is gone.
    private(set) var isReleased = false

    private var run: ScriptRun
    /// By how much its own clock is ahead: what it has not had to wait.
    private var skipped: Nanoseconds = 0
    private var honestStatus: UInt16?
    private let held: HeldBytes
    private var reserved = 0

    /// Where it stands with the exchange that it answers now.
    enum Stage {
        /// The request is on its way, or the backend's reply.
        case before
        case running
        /// It has done all that is for this exchange.
        case over
    }

    /// - Parameters:
    ///   - fault: one whose effect is a script.
    ///   - held: what all sessions hold.
    init?(_ fault: FaultPlan.DrawnFault, held: HeldBytes) {
        guard case .script(let script) = fault.toxic.fault, case .script(let seed) = fault.effect
        else { return nil }
        (self.fault, self.held) = (fault, held)
        run = ScriptRun(script, seed: seed)
    }

    deinit { held.count -= reserved }

    var beginning: ScriptRun.Beginning { run.beginning }
    /// What has to be asked before it can begin.
    var question: ScriptRun.Question? { run.question }
    /// Whether it waits for what the backend replies.
    var isAsking: Bool { stage == .before && reply != nil }

    // MARK: What it is given

    /// A request that it answers: the first one, or one that it has waited for.
    func take(_ request: ScriptRequest) {
        (made, stage) = (0, .before)
        (hasWaited, saysStatus, honestStatus) = (false, false, nil)
        run.take(request)
    }

    /// What its question was answered.
    func take(_ answer: HonestAnswer, other: HonestAnswer?) {
        honestStatus = answer.head.withUnsafeBytes(HTTPResponseHead.status)
        reserve(answer.body.count + (other?.body.count ?? 0))
        run.take(answer, other: other)
    }

    /// Whether there is room for so many bytes among what all sessions hold.
    func hasRoom(for count: Int) -> Bool { held.count - reserved + count <= HeldBytes.maximum }

    /// It holds so many bytes from now on.
    func reserve(_ count: Int) {
        held.count += count - reserved
        reserved = count
    }

    /// All that it needs is there.
    func begin() {
        if stage == .before { stage = .running }
    }

    /// The client has ended its side.
    func clientEnded(at now: Instant) {
        run.clientEnded(at: now + skipped)
    }

    /// Its toxic is gone: nothing is waited for any more.
    func release() {
        isReleased = true
    }

    // MARK: What it does

    /// Goes on.
    ///
    /// - Parameter room: how many bytes its output takes.
    func go(at now: Instant, room: Int) -> [ScriptAction] {
        run.run(at: now + skipped, room: room)
    }

    /// Whether it has begun before the first request and waits for that now.
    var awaitsFirst: Bool { run.beginning == .accept && run.awaitsRequest }

    /// How it stands after it has gone on.
    var outlook: Outlook {
        if run.isOver { return .over }
        return run.isWaiting ? .waits : .hasMore
    }

    /// When it wants to be run again, by the session's clock; nil: when something comes.
    var deadline: Instant? {
        run.deadline.map { Instant(nanoseconds: $0.nanoseconds - min(skipped, $0.nanoseconds)) }
    }

    enum Outlook {
        case over
        /// For its deadline, or for what comes.
        case waits
        /// As soon as its output has room, and without room at its deadline.
        case hasMore
    }

    /// What it waits for has come.
    func skip(to deadline: Instant, at now: Instant) {
        skipped += deadline - min(now, deadline)
    }

    func noteMade(_ count: Int) { made += count }
    func noteHalfClosed() { isHalfClosed = true }
    func noteFinished() { hasFinished = true }
    func noteWait() { hasWaited = true }
    func end() { (stage, wake) = (.over, nil) }

    func noteStatus(_ status: HTTPStatus?) {
        saysStatus = status != nil && status?.code != honestStatus
    }
}
