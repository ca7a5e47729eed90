extension FaultStage {
    /// The toxic has other attributes from now on; what the stage holds and has counted stays.
    ///
    /// - Parameter drawn: of the fault type that this stage has.
    mutating func update(
        _ drawn: FaultPlan.DrawnFault, at now: Instant, into actions: inout Actions
    ) {
        switch (self, drawn.toxic.fault) {
        case (.latency(var stage), .latency(let latency, let jitter)):
            self = .latency(Latency(0))  // so that the copy is the only one
            switch drawn.effect {
            case .latency(let delay): stage.update(delay, jitter: 0, seed: 0)
            case .stage(let seed): stage.update(latency, jitter: jitter, seed: seed)
            case .respond: break
            }
            self = .latency(stage)
        case (.bandwidth(let box), .bandwidth(let rate)):
            box.content.update(rate: rate, at: now, into: &actions)
        case (.slicer(let box), .slicer(let average, let variation, let delay)):
            box.content.update(
                averageSize: average, sizeVariation: variation, delay: delay, at: now,
                into: &actions)
        case (.limitData(let box), .limitData(let bytes)):
            box.content.update(bytes)
        case (.slowClose(let box), .slowClose(let delay)):
            box.content.update(delay, at: now, into: &actions)
        case (.timeout(let box), .timeout(let timeout)):
            box.content.update(timeout, at: now, into: &actions)
        case (.resetPeer(let box), .resetPeer(let timeout)):
            box.content.update(timeout, at: now, into: &actions)
        case (.packetLoss(let box), .packetLoss(let rate, let correlation)):
            box.content.update(lossRate: rate, correlation: correlation)
        case (.corrupt(let box), .corrupt(let bytes, let inject)):
            box.content.update(bytes: bytes, inject: inject)
        default:
            break
        }
    }
}
