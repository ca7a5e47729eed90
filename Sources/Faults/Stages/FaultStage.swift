/// The stages there are, as one value without an existential.
///
/// Only `latency`, which thousands of waiting connections have, lies in place; the others lie
/// behind a reference. So a stage has one owner: a copy would share what it holds.
public enum FaultStage: Stage {
    /// Keeps the enum small.
    public final class Box<Content: Stage> {
        var content: Content

        init(_ content: Content) {
            self.content = content
        }
    }

    case latency(Latency)
    case bandwidth(Box<Bandwidth>)
    case slicer(Box<Slicer>)
    case limitData(Box<LimitData>)
    case slowClose(Box<SlowClose>)
    case timeout(Box<Timeout>)
    case resetPeer(Box<ResetPeer>)
    case packetLoss(Box<PacketLoss>)
    case corrupt(Box<Corrupt>)

    /// - Returns: nil for a fault that does not act on bytes.
    init?(_ drawn: FaultPlan.DrawnFault, credits: BandwidthCredits?) {
        if case .latency(let delay) = drawn.effect {
            self = .latency(Latency(delay))
            return
        }
        guard case .stage(let seed) = drawn.effect else { return nil }
        switch drawn.toxic.fault {
        case .noop, .respond: return nil
        case .latency(let latency, let jitter):
            self = .latency(Latency(latency, jitter: jitter, seed: seed))
        case .bandwidth(let rate):
            let credit = credits?.credit(named: drawn.toxic.name) ?? BandwidthCredit()
            self = .bandwidth(Box(Bandwidth(rate: rate, credit: credit)))
        case .slicer(let average, let variation, let delay):
            self = .slicer(
                Box(
                    Slicer(
                        averageSize: average, sizeVariation: variation, delay: delay, seed: seed)))
        case .limitData(let bytes): self = .limitData(Box(LimitData(bytes)))
        case .slowClose(let delay): self = .slowClose(Box(SlowClose(delay)))
        case .timeout(let timeout): self = .timeout(Box(Timeout(timeout)))
        case .resetPeer(let timeout): self = .resetPeer(Box(ResetPeer(timeout)))
        case .packetLoss(let rate, let correlation):
            self = .packetLoss(
                Box(PacketLoss(lossRate: rate, correlation: correlation, seed: seed)))
        case .corrupt(let bytes, let inject):
            self = .corrupt(Box(Corrupt(bytes: bytes, inject: inject, seed: seed)))
        }
    }

    /// Whether it lets nothing through and will not end that by itself.
    var isStuck: Bool {
        if case .timeout(let stage) = self { stage.content.deadline == nil } else { false }
    }

    /// Whether a drawn fault makes a stage.
    static func exists(for drawn: FaultPlan.DrawnFault) -> Bool {
        drawn.toxic.fault != .noop && drawn.toxic.fault.type.place == .bytes
    }

    public var deadline: Instant? {
        switch self {
        case .latency(let stage): stage.deadline
        case .bandwidth(let box): box.content.deadline
        case .slicer(let box): box.content.deadline
        case .limitData(let box): box.content.deadline
        case .slowClose(let box): box.content.deadline
        case .timeout(let box): box.content.deadline
        case .resetPeer(let box): box.content.deadline
        case .packetLoss(let box): box.content.deadline
        case .corrupt(let box): box.content.deadline
        }
    }

    public var heldBytes: Int {
        switch self {
        case .latency(let stage): stage.heldBytes
        case .bandwidth(let box): box.content.heldBytes
        case .slicer(let box): box.content.heldBytes
        case .slowClose(let box): box.content.heldBytes
        case .limitData, .timeout, .resetPeer, .packetLoss, .corrupt: 0
        }
    }

    public var capacity: Int {
        switch self {
        case .latency(let stage): stage.capacity
        case .bandwidth(let box): box.content.capacity
        case .slicer(let box): box.content.capacity
        case .slowClose(let box): box.content.capacity
        case .limitData, .timeout, .resetPeer, .packetLoss, .corrupt: .max
        }
    }

    /// Whether it is given bytes only: any that cuts, slices or counts.
    var needsBytes: Bool {
        if case .latency = self { false } else { true }
    }

    public mutating func begin(at now: Instant) {
        if case .timeout(let box) = self { box.content.begin(at: now) }
    }

    public mutating func receive(_ flow: Flow, at now: Instant, into actions: inout Actions) {
        switch self {
        case .latency(var stage):
            self = .latency(Latency(0))  // so that the copy below is the only one
            stage.receive(flow, at: now, into: &actions)
            self = .latency(stage)
        case .bandwidth(let box): box.content.receive(flow, at: now, into: &actions)
        case .slicer(let box): box.content.receive(flow, at: now, into: &actions)
        case .limitData(let box): box.content.receive(flow, at: now, into: &actions)
        case .slowClose(let box): box.content.receive(flow, at: now, into: &actions)
        case .timeout(let box): box.content.receive(flow, at: now, into: &actions)
        case .resetPeer(let box): box.content.receive(flow, at: now, into: &actions)
        case .packetLoss(let box): box.content.receive(flow, at: now, into: &actions)
        case .corrupt(let box): box.content.receive(flow, at: now, into: &actions)
        }
    }

    public mutating func wake(at now: Instant, into actions: inout Actions) {
        switch self {
        case .latency(var stage):
            self = .latency(Latency(0))
            stage.wake(at: now, into: &actions)
            self = .latency(stage)
        case .bandwidth(let box): box.content.wake(at: now, into: &actions)
        case .slicer(let box): box.content.wake(at: now, into: &actions)
        case .slowClose(let box): box.content.wake(at: now, into: &actions)
        case .timeout(let box): box.content.wake(at: now, into: &actions)
        case .resetPeer(let box): box.content.wake(at: now, into: &actions)
        case .limitData, .packetLoss, .corrupt: break
        }
    }

    public mutating func release(at now: Instant, into actions: inout Actions) {
        switch self {
        case .latency(var stage):
            stage.release(at: now, into: &actions)
            self = .latency(Latency(0))
        case .bandwidth(let box): box.content.release(at: now, into: &actions)
        case .slicer(let box): box.content.release(at: now, into: &actions)
        case .slowClose(let box): box.content.release(at: now, into: &actions)
        case .timeout(let box): box.content.release(at: now, into: &actions)
        case .resetPeer(let box): box.content.release(at: now, into: &actions)
        case .limitData, .packetLoss, .corrupt: break
        }
    }
}
