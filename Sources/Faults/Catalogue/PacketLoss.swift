/// `packet_loss`: pieces of the stream are missing, each as it was read.
///
/// As Toxiproxy's: after a lost one the next is lost with `correlation` more.
public struct PacketLoss: CatalogueEntry {
    public let lossRate: Probability
    public let correlation: Probability

    public init(lossRate: Probability, correlation: Probability) {
        (self.lossRate, self.correlation) = (lossRate, correlation)
    }

    static let name = "packet_loss"
    static let summary = "Some pieces of the stream are missing."
    static let note = FaultNote(.body)
    static let example = " loss_rate=0.1 correlation=0.5"
    static let attributes = [
        Attribute.fraction("loss_rate", "share of the pieces that are lost"),
        Attribute.fraction("correlation", "so much more after a lost one"),
    ]
    static let explains = Explanation.ending

    init(_ values: AttributeValues) {
        self.init(
            lossRate: values.probability("loss_rate"),
            correlation: values.probability("correlation"))
    }

    var values: [(name: String, value: Quantity)] {
        [
            ("loss_rate", .fraction(lossRate.fraction)),
            ("correlation", .fraction(correlation.fraction)),
        ]
    }

    var words: String { "\(Notation.shortest(lossRate.fraction * 100)) % lost" }

    /// The sum, and 1 at most.
    var rateAfterLoss: Probability {
        Probability(min(lossRate.fraction + correlation.fraction, 1)) ?? .always
    }

    func stage(seed: UInt64, credit: () -> BandwidthCredit) -> (any Stage)? {
        PacketLossStage(self, seed: seed)
    }
}

/// Whether the last piece was lost.
struct PacketLossStage: Stage {
    private var rate: Probability
    private var rateAfterLoss: Probability
    private var generator: SeededGenerator
    private var hasLost = false
    /// Whether the message under way lacks something.
    private(set) var lacksBytes = false

    init(_ loss: PacketLoss, seed: UInt64) {
        (rate, rateAfterLoss) = (loss.lossRate, loss.rateAfterLoss)
        generator = SeededGenerator(seed: seed)
    }

    mutating func receive(_ flow: Flow, at now: Instant, into actions: inout Actions) {
        guard case .bytes(let bytes) = flow, bytes.count > 0 else { return actions.forward(flow) }
        hasLost = (hasLost ? rateAfterLoss : rate).hits(generator.next())
        guard !hasLost else {
            // What another fault has put there is missed by nobody.
            if bytes.harm != .foreign { lacksBytes = true }
            return
        }
        actions.forward(lacksBytes ? flow.behindLoss : flow)
    }

    /// Other rates from the next piece on.
    mutating func update(
        _ entry: PacketLoss, _ effect: Effect, at now: Instant, into actions: inout Actions
    ) {
        (rate, rateAfterLoss) = (entry.lossRate, entry.rateAfterLoss)
    }
}
