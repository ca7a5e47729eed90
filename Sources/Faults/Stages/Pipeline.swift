/// The stages of one direction, in the order of the toxics; what holds back the end comes last, for
/// others may bring it.
///
/// Has one owner: a copy would share what the stages hold.
public struct Pipeline {
    /// Most exchanges meet one stage at most; only more of them cost an array.
    private var first: Member?
    private var rest: Rest?

    /// A stage with what came of it. The order of its properties leaves no gaps.
    private struct Member {
        var stage: FaultStage
        var hasActed = false
        /// Whether a fault behind it has lost bytes, and is gone.
        var isBeforeLoss = false
        let toxic: Toxic

        var meeting: Meeting {
            Meeting(toxic: toxic, hasActed: hasActed, longestDelay: stage.longestDelay)
        }
    }

    /// What few pipelines have.
    private final class Rest {
        var others: [Member] = []
        /// Of toxics that are gone.
        var past: [Meeting] = []
        /// Whether a fault that is gone has lost bytes in front of what comes in.
        var isBehindLoss = false
    }

    private var others: [Member] {
        get { rest?.others ?? [] }
        _modify { yield &makeRest().others }
    }

    private mutating func makeRest() -> Rest {
        let made = rest ?? Rest()
        rest = made
        return made
    }

    private var members: [Member] { [first].compactMap(\.self) + others }

    private subscript(index: Int) -> Member? { index > 0 ? others[index - 1] : first }

    /// Passes everything at once.
    public init() {}

    /// - Parameters:
    ///   - stream: only faults of this stream take part.
    ///   - credits: of this connection and direction, if exchanges are to share their bandwidth.
    public init(
        _ drawn: [FaultPlan.DrawnFault], stream: Toxic.Stream, credits: BandwidthCredits? = nil
    ) {
        for fault in Self.ordered(drawn) where fault.toxic.stream == stream {
            guard let stage = FaultStage(fault, credits: credits) else { continue }
            append(stage, fault.toxic)
        }
    }

    private static func ordered(_ drawn: [FaultPlan.DrawnFault]) -> [FaultPlan.DrawnFault] {
        let isLast = { (fault: FaultPlan.DrawnFault) in fault.toxic.fault.endDelay != nil }
        guard drawn.count > 1, drawn.contains(where: isLast) else { return drawn }
        return drawn.filter { !isLast($0) } + drawn.filter(isLast)
    }

    private mutating func append(_ stage: FaultStage, _ toxic: Toxic) {
        append(Member(stage: stage, toxic: toxic))
    }

    private mutating func append(_ member: Member) {
        if first == nil { first = member } else { others.append(member) }
    }

    public var isEmpty: Bool { first == nil }
    /// Whether everything goes through as it is.
    public var isClear: Bool { first == nil && !isBehindLoss }

    private var isBehindLoss: Bool { rest?.isBehindLoss ?? false }

    /// Whether a response must be given as bytes, head and body: some stage cuts, slices or counts.
    public var needsBytes: Bool {
        first?.stage.needsBytes ?? false || others.contains { $0.stage.needsBytes }
    }

    /// Whether nothing will ever come through, and nothing will end that by itself.
    public var isStuck: Bool {
        first?.stage.isStuck ?? false || others.contains { $0.stage.isStuck }
    }

    /// When the earliest stage has something to do.
    public var deadline: Instant? { earliest()?.due }

    /// When to wake it, not before the deadline.
    public var wakeTime: Instant? {
        let others = others.compactMap(\.stage.wakeTime).min()
        guard let time = first?.stage.wakeTime else { return others }
        return others.map { min($0, time) } ?? time
    }

    /// The bytes that all stages hold, with 128 for each flow.
    public var heldBytes: Int {
        others.reduce(first?.stage.heldBytes ?? 0) { $0 + $1.stage.heldBytes }
    }

    /// Whether something waits in a stage, or is kept from the peer.
    public var isHolding: Bool {
        first?.stage.isHolding ?? false || others.contains { $0.stage.isHolding }
    }

    /// Whether some stage holds more than it should: the sender is to pause.
    public var isFull: Bool {
        first.map { $0.stage.heldBytes > $0.stage.capacity } ?? false
            || others.contains { $0.stage.heldBytes > $0.stage.capacity }
    }

    /// The exchange or the connection begins.
    public mutating func begin(at now: Instant) {
        first?.stage.begin(at: now)
        guard rest != nil else { return }
        for index in others.indices { others[index].stage.begin(at: now) }
    }

    public mutating func receive(_ flow: Flow, at now: Instant, into actions: inout Actions) {
        pass(isBehindLoss ? flow.behindLoss : flow, from: 0, at: now, into: &actions)
    }

    /// Steps of one wake-up. Who has more to do stays due, and gets another turn.
    private static let stepsAtOnce = 32

    /// Runs the stages that are due, each at its own due time: a late timer never adds drift.
    public mutating func wake(at now: Instant, into actions: inout Actions) {
        for _ in 0..<Self.stepsAtOnce {
            guard let (index, due) = earliest(), due <= now else { return }
            step(index, at: due, into: &actions) { $0.wake(at: due, into: &$1) }
        }
    }

    private func earliest() -> (index: Int, due: Instant)? {
        var best = first?.stage.deadline.map { (index: 0, due: $0) }
        for (index, member) in others.enumerated() {
            guard let due = member.stage.deadline else { continue }
            if best.map({ due < $0.due }) ?? true { best = (index + 1, due) }
        }
        return best
    }

    private mutating func pass(
        _ flow: Flow, from index: Int, at now: Instant, into actions: inout Actions
    ) {
        guard first != nil, index <= others.count else { return actions.forward(flow) }
        step(index, flow, at: now, into: &actions) { $0.receive(flow, at: now, into: &$1) }
    }

    /// Lets one stage act; what it forwards goes through those behind it.
    ///
    /// - Parameter flow: what it is given, if anything.
    private mutating func step(
        _ index: Int, _ flow: Flow? = nil, at now: Instant, into actions: inout Actions,
        _ body: (inout FaultStage, inout Actions) -> Void
    ) {
        let isLast = index == others.count
        let start = isLast ? actions.forwarded.count : 0
        var released = Actions()
        withStage(index) { isLast ? body(&$0, &actions) : body(&$0, &released) }
        let left = isLast ? actions.forwarded[start...] : released.forwarded[...]
        if Self.differs(left, from: flow) { noteAct(of: index) }
        if self[index]?.isBeforeLoss == true {
            for index in left.indices where isLast {
                actions.forwarded[index] = actions.forwarded[index].behindLoss
            }
            released.forwarded = released.forwarded.map(\.behindLoss)
        }
        for flow in released.forwarded { pass(flow, from: index + 1, at: now, into: &actions) }
    }

    private static func differs(_ left: ArraySlice<Flow>, from flow: Flow?) -> Bool {
        guard let flow else { return !left.isEmpty }
        guard left.count == 1, let only = left.first else { return true }
        return !only.isSame(as: flow)
    }

    private mutating func noteAct(of index: Int) {
        if index > 0 { others[index - 1].hasActed = true } else { first?.hasActed = true }
    }

    private mutating func withStage(_ index: Int, _ body: (inout FaultStage) -> Void) {
        if index > 0 { return body(&others[index - 1].stage) }
        guard var member = first else { return }
        first = nil  // so that the stage being changed is the only copy
        body(&member.stage)
        first = member
    }
}

// MARK: Changes while traffic flows

extension Pipeline {
    /// The toxics changed. A stage whose toxic's name and fault type are still drawn keeps its
    /// state, with the new attributes from now on; of a removed one everything held goes on,
    /// through the stages behind it; a new one is put where its order says. Nothing is lost or
    /// reordered but what the faults themselves lose.
    ///
    /// - Parameters:
    ///   - drawn: what the new plan has for the same exchange.
    ///   - stream: the one that this pipeline was made for.
    public mutating func replace(
        with drawn: [FaultPlan.DrawnFault], stream: Toxic.Stream, credits: BandwidthCredits?,
        at now: Instant, into actions: inout Actions
    ) {
        let isStage = { (fault: FaultPlan.DrawnFault) in
            fault.toxic.stream == stream && fault.toxic.fault.hasStage
        }
        wake(at: now, into: &actions)  // what is due leaves as it was meant to
        let (old, new) = (members.map(\.toxic), Self.ordered(drawn).filter(isStage))
        let kept = Self.kept(old, new)
        for index in old.indices.reversed() where !kept.contains(where: { $0.old == index }) {
            step(index, at: now, into: &actions) { $0.release(at: now, into: &$1) }
            remove(at: index)
        }
        insert(new, kept: kept.map(\.new), credits, at: now)
        for index in kept.map(\.new) {
            step(index, at: now, into: &actions) {
                $0.update(new[index], credits: credits, at: now, into: &$1)
            }
        }
    }

    /// Which old stages live on as which new ones: in the same order, as what they hold is in
    /// order.
    private static func kept(
        _ old: [Toxic], _ new: [FaultPlan.DrawnFault]
    ) -> [(old: Int, new: Int)] {
        var kept: [(old: Int, new: Int)] = []
        var start = 0
        for (index, fault) in new.enumerated() {
            let place = old[start...].firstIndex { $0.isSame(as: fault.toxic) }
            guard let place else { continue }
            kept.append((place, index))
            start = place + 1
        }
        return kept
    }

    private mutating func remove(at index: Int) {
        guard let gone = self[index] else { return }
        note(past: gone.meeting)
        if gone.isBeforeLoss || gone.stage.lacksBytes { noteLoss(behind: index - 1) }
        if index > 0 {
            others.remove(at: index - 1)
        } else {
            first = others.isEmpty ? nil : others.removeFirst()
        }
    }

    /// What comes out of that stage from now on follows bytes that are lost.
    private mutating func noteLoss(behind index: Int) {
        switch index {
        case ..<0: makeRest().isBehindLoss = true
        case 0: first?.isBeforeLoss = true
        default: others[index - 1].isBeforeLoss = true
        }
    }

    /// A toxic that comes and goes again and again is told of once.
    private mutating func note(past meeting: Meeting) {
        let past = makeRest().past
        if let known = past.firstIndex(where: { $0.toxic.isSame(as: meeting.toxic) }) {
            makeRest().past[known].add(meeting)
        } else if past.count < Self.maximumPast {
            makeRest().past.append(meeting)
        }
    }

    /// Toxics that are gone and still told of.
    private static let maximumPast = 256

    /// Tells the faults of an exchange, as they were drawn, what has come of them here.
    public func tell(_ faults: inout [FaultPlan.DrawnFault]) {
        for meeting in rest?.past ?? [] { meeting.tell(&faults) }
        first?.meeting.tell(&faults)
        for member in others { member.meeting.tell(&faults) }
    }

    /// Puts the new stages between those that are kept, which have their new attributes later.
    private mutating func insert(
        _ new: [FaultPlan.DrawnFault], kept: [Int], _ credits: BandwidthCredits?, at now: Instant
    ) {
        var old = members[...]
        first = nil
        rest?.others = []
        for (index, fault) in new.enumerated() {
            if kept.contains(index), let member = old.popFirst() {
                append(
                    Member(
                        stage: member.stage, hasActed: member.hasActed,
                        isBeforeLoss: member.isBeforeLoss, toxic: fault.toxic))
            } else if var stage = FaultStage(fault, credits: credits) {
                stage.begin(at: now)
                append(stage, fault.toxic)
            }
        }
    }

    /// Some toxics are gone: what they hold goes on. The others stay as they are.
    ///
    /// - Parameter names: of the toxics that there still are.
    public mutating func keep(
        only names: Set<String>, at now: Instant, into actions: inout Actions
    ) {
        let toxics = members.map(\.toxic)
        guard !toxics.allSatisfy({ $0.remains(among: names) }) else { return }
        wake(at: now, into: &actions)
        for index in toxics.indices.reversed() where !toxics[index].remains(among: names) {
            step(index, at: now, into: &actions) { $0.release(at: now, into: &$1) }
            remove(at: index)
        }
    }
}
