import Faults
import HTTPWire

/// One direction of an exchange: its faults, and what has come through them and waits for its turn.
///
/// Has one owner, as its pipeline has; and who only asks it something does not pay for a copy.
struct Lane: ~Copyable {
    private var pipeline: Pipeline
    private var ready: [Flow] = []
    /// Set when a fault ends the connection here.
    private(set) var cut: Cut?
    /// Whether all that is left of the message has come through.
    private(set) var isComplete = false
    /// Whether the sender's end has come through, of what has no other.
    private(set) var hasEnded = false
    /// Whether a script keeps back what comes next.
    private var isHeldBack = false
    private var readyCount: UInt32 = 0
    /// What a piece costs beside its bytes.
    private static let overhead = 48
    /// Since when something is held without a gap.
    private var heldSince = Instant.distantFuture
    private var heldBefore: Nanoseconds = 0

    init(_ pipeline: Pipeline = Pipeline()) {
        self.pipeline = pipeline
    }

    var hasFaults: Bool { !pipeline.isEmpty }
    /// Whether bytes go through untouched, so that they need not be seen.
    var isClear: Bool { pipeline.isClear && ready.isEmpty && cut == nil }
    /// Bytes that wait for their turn, with what each piece costs beside them.
    var readyBytes: Int { Int(readyCount) }
    /// Whether nothing waits for its turn.
    var isEmpty: Bool { ready.isEmpty }
    var needsBytes: Bool { pipeline.needsBytes }
    /// Whether a fault holds it for ever.
    var isStuck: Bool { pipeline.isStuck }
    /// Whether a fault holds something.
    var isHolding: Bool { heldSince < .distantFuture }
    var isFull: Bool { pipeline.isFull }
    var heldBytes: Int { pipeline.heldBytes }
    var deadline: Instant? { pipeline.deadline }
    var wakeTime: Instant? { pipeline.wakeTime }

    /// How long faults have held something so far, in nanoseconds.
    func held(until now: Instant) -> Nanoseconds {
        heldBefore + (now - min(heldSince, now))
    }

    /// Tells what has come of the faults.
    func tell(_ faults: inout [FaultPlan.DrawnFault]) {
        pipeline.tell(&faults)
    }

    /// Whether a script keeps back what is to come in here; it counts as held like the rest.
    mutating func holdBack(_ isHeldBack: Bool, at now: Instant) {
        self.isHeldBack = isHeldBack
        noteHeld(at: now)
    }

    // MARK: In

    mutating func begin(at now: Instant) {
        if hasFaults { pipeline.begin(at: now) }
    }

    mutating func receive(_ flow: Flow, at now: Instant) {
        guard !pipeline.isClear else { return take(flow) }
        change(at: now) { pipeline, actions in
            // What is due has come before.
            if let due = pipeline.deadline, due <= now { pipeline.wake(at: now, into: &actions) }
            pipeline.receive(flow, at: now, into: &actions)
        }
    }

    mutating func wake(at now: Instant) {
        guard let due = pipeline.deadline, due <= now else { return }
        change(at: now) { $0.wake(at: now, into: &$1) }
    }

    /// Lets go of what toxics hold that are gone.
    mutating func keep(only names: Set<String>, at now: Instant) {
        guard hasFaults else { return }
        change(at: now) { $0.keep(only: names, at: now, into: &$1) }
    }

    /// Other faults from now on, with the state of those that stay.
    mutating func replace(
        with drawn: [FaultPlan.DrawnFault], _ stream: Toxic.Stream, credits: BandwidthCredits,
        at now: Instant
    ) {
        change(at: now) {
            $0.replace(with: drawn, stream: stream, credits: credits, at: now, into: &$1)
        }
    }

    private mutating func change(
        at now: Instant, _ body: (inout Pipeline, inout Actions) -> Void
    ) {
        var actions = Actions()
        body(&pipeline, &actions)
        for flow in actions.forwarded { take(flow) }
        noteHeld(at: now)
    }

    private mutating func noteHeld(at now: Instant) {
        if cut == nil, pipeline.isHolding || isHeldBack {
            heldSince = min(heldSince, now)
        } else if isHolding {
            heldBefore += now - min(heldSince, now)
            heldSince = .distantFuture
        }
    }

    private mutating func take(_ flow: Flow) {
        guard cut == nil else { return }
        switch flow {
        case .bytes(let bytes): wait(flow, bytes.count)
        case .prepared(let response):
            wait(flow, response.count)
            isComplete = true
        case .boundary: isComplete = true
        case .end: hasEnded = true
        case .cut(let cut): self.cut = cut
        }
    }

    private mutating func wait(_ flow: Flow, _ count: Int) {
        readyCount = UInt32(clamping: Int(readyCount) + count + Self.overhead)
        ready.append(flow)
    }

    // MARK: Out

    /// Takes out what may be written now.
    mutating func takeReady() -> [Flow] {
        guard !ready.isEmpty else { return [] }
        defer { (ready, readyCount) = ([], 0) }
        return ready
    }

    /// The whole of it has been made, and is on its way.
    mutating func complete() {
        isComplete = true
    }

    /// What was taken for its end was none.
    mutating func goOn() {
        isComplete = false
    }
}
