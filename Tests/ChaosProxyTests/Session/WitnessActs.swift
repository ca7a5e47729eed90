import Faults

/// What each fault does to a direction, told again in a line or two from what went in and came out:
/// nothing of the stages is used. Faults that the witness does not draw are none.
enum WitnessActs {
    /// How a fault stands to the bytes of its direction.
    enum Manner { case nothing, holds, swallows, loses, holdsEnd }

    static func manner(_ fault: Fault) -> Manner {
        switch fault {
        case .noop, .respond, .script: .nothing
        case .latency, .bandwidth, .slicer: .holds
        case .timeout, .resetPeer: .swallows
        case .limitData, .packetLoss, .corrupt: .loses
        case .slowClose: .holdsEnd
        default: .nothing
        }
    }

    /// Whether the bytes that come out may be others.
    static func alters(_ fault: Fault) -> Bool {
        switch fault {
        case .packetLoss(let loss): loss.lossRate != .never
        case .corrupt: true
        default: false
        }
    }

    /// Whether it can end the connection so. What it has swallowed is missing when its toxic is
    /// removed, and that is an end, too.
    static func cuts(_ fault: Fault, isReset: Bool) -> Bool {
        switch fault {
        case .limitData, .timeout: !isReset
        case .resetPeer: isReset
        default: false
        }
    }

    /// Whether it explains an ending, by rule 3.
    static func explainsEnding(_ fault: Fault) -> Bool {
        switch fault {
        case .limitData, .timeout, .resetPeer, .corrupt, .packetLoss, .script: true
        default: false
        }
    }

    /// Whether the only fault of a direction has acted; nil if that cannot be told from outside.
    ///
    /// - Parameters:
    ///   - over: when its exchange was.
    ///   - wasCut: our end came, and nothing else explains it.
    static func acted(
        _ fault: Fault, _ flow: WitnessFlow, until over: UInt64, wasCut: Bool
    ) -> Bool? {
        let hasBytes = flow.inCount > 0
        switch fault {
        case .noop: return false
        case .latency(let latency):
            if latency.jitter > latency.latency {
                return hasBytes ? seen(flow, until: over) : false
            }
            return latency.latency > 0 && hasBytes
        case .bandwidth: return hasBytes
        case .slicer(let slicer): return sliced(slicer, flow, until: over)
        case .limitData(let limit): return hasBytes && Int64(flow.inCount) >= limit.bytes
        case .timeout: return hasBytes || flow.endIn != nil || wasCut
        case .resetPeer: return hasBytes || flow.endIn != nil
        case .packetLoss(let loss):
            if loss.lossRate == .never || !hasBytes { return false }
            return loss.lossRate == .always ? true : flow.outCount < flow.inCount
        case .corrupt(let corrupt): return hasBytes && (corrupt.bytes > 0 || !corrupt.inject)
        default: return nil
        }
    }

    /// Whether something was held for a while, or is held.
    private static func seen(_ flow: WitnessFlow, until over: UInt64) -> Bool? {
        if flow.held(until: over, withEnd: false) > 0 { return true }
        return flow.isHolding || flow.into.contains { $0.at == over } ? nil : false
    }

    private static func sliced(
        _ slicer: Slicer, _ flow: WitnessFlow, until over: UInt64
    ) -> Bool? {
        if slicer.averageSize == 0 || flow.inCount == 0 { return false }
        let longest = flow.into.map(\.count).max() ?? 0
        if longest > slicer.averageSize + slicer.sizeVariation { return true }
        if flow.held(until: over, withEnd: false) > 0 { return true }
        let isShort = longest <= max(slicer.averageSize - slicer.sizeVariation, 1)
        let isLast = flow.into.contains { $0.at == over }
        return isShort && !flow.isHolding && !isLast ? false : nil
    }
}
