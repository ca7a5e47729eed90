import HTTPWire

/// A script at work on one exchange: a request, an answer and the time go in, actions and the next
/// deadline come out. No clock, socket or randomness inside.
public struct ScriptRun {
    public typealias Beginning = ScriptBeginning
    public typealias Question = ScriptQuestion

    enum State {
        case awaitingRequest
        case steps
        case waiting(until: Instant)
        /// nil: until the client leaves.
        case silent(until: Instant?)
        case closing(until: Instant)
        case over
    }

    let program: ScriptProgram
    var values: ScriptValues
    var generator: SeededGenerator
    var state: State
    /// The step that comes next.
    var index = 0
    var frames: [ScriptFrame] = []
    var output = ScriptOutput()
    var pace: ScriptPace?
    /// When the pace lets the next byte through, if that is what it waits for.
    private var paceDue: Instant?
    var answering = ScriptAnswering()
    private(set) var pending: Question?
    private var hasRequest = false
    /// A request that came before its step.
    private var early: ScriptRequest?
    private var hasClientEnded = false
    private var (sent, performed) = (0, 0)
    /// How many bytes and steps it ends at, whatever these say.
    var mostBytes = ScriptProgram.mostBytes
    var mostSteps = ScriptProgram.mostSteps
    /// What bytes are gathered in, so that a flood needs it once.
    private var buffer: [UInt8] = []
    /// Whether a place lay past the end of what it is a place in, and so meant its end.
    public internal(set) var hasPassedEnd = false

    /// - Parameter seed: of what is drawn while it runs.
    public init(_ fault: ScriptFault, seed: UInt64) {
        self.init(fault.script.program, fault.arguments, seed: seed)
    }

    init(_ program: ScriptProgram, _ arguments: [String: Quantity], seed: UInt64) {
        self.program = program
        values = ScriptValues(
            arguments: program.parameters.map {
                arguments[$0.name] ?? $0.attribute.defaultQuantity
            },
            times: Set(program.parameters.indices.filter { program.parameters[$0].kind == .time }))
        generator = SeededGenerator(seed: seed)
        state = program.beginning == .accept ? .steps : .awaitingRequest
    }

    public var beginning: Beginning { program.beginning }

    /// What has to be asked, and given with `take`, before it can go on; nil: nothing.
    public var question: Question? { isOver ? nil : pending }

    // MARK: What comes

    /// A request is there: the first one, or the next one after `awaitRequest`.
    public mutating func take(_ request: ScriptRequest) {
        guard case .awaitingRequest = state else {
            early = request
            return
        }
        begin(request)
    }

    private mutating func begin(_ request: ScriptRequest) {
        state = .steps
        hasRequest = true
        values.request = request
        answering = ScriptAnswering()
        pending = program.question(from: index, values)
    }

    /// What was asked for.
    public mutating func take(_ answer: HonestAnswer, other: HonestAnswer?) {
        pending = nil
        values.answer = HonestFacts(answer)
        values.other = other.map { HonestFacts($0) } ?? HonestFacts()
        answering.answer = answer
        answering.other = other
        answering.isBodiless = values.request.isHead || values.answer.isBodiless
    }

    /// The client has ended its side. What follows from it, `run` says.
    public mutating func clientEnded(at now: Instant) { hasClientEnded = true }

    // MARK: What it waits for

    /// When it wants to be run again; nil: as soon as there is room, or an answer, or never.
    public var deadline: Instant? {
        guard !isOver else { return nil }
        let flood = frames.compactMap(\.deadline).min()
        let own: Instant? =
            switch state {
            case .waiting(let until), .closing(let until): until
            case .silent(let until): until
            case .steps: paceDue
            case .awaitingRequest, .over: nil
            }
        guard let flood else { return own }
        return min(own ?? flood, flood)
    }

    /// Whether nothing more will come of it but with time, a request or an answer.
    public var isWaiting: Bool {
        switch state {
        case .awaitingRequest: !hasNoMoreRequests
        case .closing: !hasClientEnded
        case .waiting, .silent: true
        case .steps: question != nil || paceDue != nil
        case .over: false
        }
    }

    /// Whether it waits for a request, the first one or the next.
    public var awaitsRequest: Bool { if case .awaitingRequest = state { true } else { false } }

    /// Whether the request that it waits for cannot come.
    private var hasNoMoreRequests: Bool {
        hasClientEnded && (hasRequest || beginning == .accept)
    }

    /// Whether it has done all.
    public var isOver: Bool { if case .over = state { true } else { false } }

    // MARK: Going on

    /// Most small steps at once, so that no loop holds up the others: about 2 ms, and a session
    /// goes on a few times where nothing comes of them.
    private static let mostStepsAtOnce = 1024

    /// Bytes that were looked at in this turn, sent or not: an empty part of a large body costs
    /// time, too.
    var work = 0

    /// Goes on.
    ///
    /// - Parameter room: how many bytes the output takes; at most 64 KiB are made at once.
    public mutating func run(at now: Instant, room: Int) -> [ScriptAction] {
        var batch = ScriptBatch(room: room, buffer: buffer)
        buffer = []
        paceDue = nil
        var turns = 0
        work = 0
        while turns < Self.mostStepsAtOnce, work < ScriptBatch.largest, advance(at: now, &batch) {
            turns += 1
        }
        batch.close()
        buffer = batch.buffer
        return batch.actions
    }

    /// - Returns: false if it cannot go on now.
    private mutating func advance(at now: Instant, _ batch: inout ScriptBatch) -> Bool {
        if leaveFlood(at: now) { return true }
        switch state {
        case .over: return false
        case .awaitingRequest:
            guard hasNoMoreRequests else { return false }
            end(.cut(.fin), &batch)
        case .waiting(let until):
            guard until <= now else { return false }
            pace?.resume(at: until)
            state = .steps
        case .silent(let until):
            guard let until, until <= now else { return false }
            end(.cut(.fin), &batch)
        case .closing(let until):
            guard hasClientEnded || until <= now else { return false }
            end(.cut(.fin), &batch)
        case .steps:
            guard pending == nil else { return false }
            if output.left > 0 { return emit(at: now, &batch) }
            return perform(at: now, &batch)
        }
        return true
    }

    mutating func end(_ action: ScriptAction, _ batch: inout ScriptBatch) {
        batch.act(action)
        state = .over
        frames = []
    }

    /// Whether a loop for ever was over: by time, or because it has sent all that it may.
    private mutating func leaveFlood(at now: Instant) -> Bool {
        let ended = frames.firstIndex { frame in
            frame.budget == 0 || frame.deadline.map { $0 <= now } == true
        }
        guard let ended else { return false }
        index = frames[ended].end
        frames.removeSubrange(ended...)
        values.round = frames.last?.round ?? 0
        output = ScriptOutput()
        if case .waiting = state { state = .steps }
        pace?.resume(at: now)
        return true
    }

    private mutating func emit(at now: Instant, _ batch: inout ScriptBatch) -> Bool {
        guard sent < mostBytes else {
            end(.cut(.fin), &batch)
            return true
        }
        guard batch.room > 0 else { return false }
        var limit = min(batch.room, mostBytes - sent)
        for frame in frames { limit = min(limit, frame.budget ?? limit) }
        if var pace {
            limit = min(limit, pace.allowance(at: now))
            self.pace = pace
            guard limit > 0 else {
                paceDue = pace.due
                return false
            }
        }
        let before = output.taken
        output.take(limit, into: &batch)
        spend(output.taken - before)
        return true
    }

    private mutating func spend(_ count: Int) {
        sent += count
        pace?.spend(count)
        for index in frames.indices {
            frames[index].isAlive = true
            if let budget = frames[index].budget { frames[index].budget = budget - count }
        }
    }

    /// Does the next step.
    private mutating func perform(at now: Instant, _ batch: inout ScriptBatch) -> Bool {
        performed += 1
        guard performed <= mostSteps else {
            end(.cut(.fin), &batch)
            return true
        }
        guard index < program.steps.count else {
            end(.end, &batch)
            return true
        }
        let step = program.steps[index]
        index += 1
        perform(step.action, at: now, &batch)
        return true
    }

    /// The step that waits for a request.
    mutating func awaitRequest(_ batch: inout ScriptBatch) {
        for index in frames.indices { frames[index].isAlive = true }
        if let request = early {
            early = nil
            return begin(request)
        }
        if hasRequest { batch.act(.awaitRequest) }
        state = .awaitingRequest
    }
}
