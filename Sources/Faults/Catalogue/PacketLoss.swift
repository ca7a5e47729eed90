/// `packet_loss`: pieces of the stream are missing, each as it was read.
///
/// As Toxiproxy's: after a lost one the next is lost with `correlation` more.
public struct PacketLoss: Stage {
    private var lossRate: Probability
    private var rateAfterLoss: Probability
    private var generator: SeededGenerator
    private var hasLost = false

    public init(lossRate: Probability, correlation: Probability, seed: UInt64) {
        self.lossRate = lossRate
        rateAfterLoss = Self.rateAfterLoss(lossRate, correlation)
        generator = SeededGenerator(seed: seed)
    }

    /// The sum, and 1 at most.
    static func rateAfterLoss(_ rate: Probability, _ correlation: Probability) -> Probability {
        Probability(min(rate.fraction + correlation.fraction, 1)) ?? .always
    }

    public var deadline: Instant? { nil }
    public var heldBytes: Int { 0 }

    public mutating func receive(_ flow: Flow, at now: Instant, into actions: inout Actions) {
        guard case .bytes(let bytes) = flow, bytes.count > 0 else { return actions.forward(flow) }
        hasLost = (hasLost ? rateAfterLoss : lossRate).hits(generator.next())
        if !hasLost { actions.forward(flow) }
    }

    public mutating func wake(at now: Instant, into actions: inout Actions) {}

    public mutating func release(at now: Instant, into actions: inout Actions) {}

    /// Other rates from the next piece on.
    mutating func update(lossRate: Probability, correlation: Probability) {
        self.lossRate = lossRate
        rateAfterLoss = Self.rateAfterLoss(lossRate, correlation)
    }
}
