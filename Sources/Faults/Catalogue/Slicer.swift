import HTTPWire

/// `slicer`: bytes leave in pieces of about the average size, and some time passes after each.
///
/// Unlike Toxiproxy's, which halves again and again, the sizes are even over their range.
public struct Slicer: Stage {
    /// Pieces that leave in one go: a thousand others may be waiting for their turn.
    private static let piecesAtOnce = 8

    private var averageSize: Int
    private var sizeVariation: Int
    private var delay: Nanoseconds
    private var generator: SeededGenerator
    private var held = HeldFlows<Void>()
    /// When the next piece may leave.
    private var next = Instant(nanoseconds: 0)

    /// - Parameters:
    ///   - averageSize: in bytes; 0 slices nothing.
    ///   - sizeVariation: in bytes, at most the average; a piece has one byte at least.
    ///   - seed: what the sizes are drawn from.
    public init(averageSize: Int, sizeVariation: Int, delay: Nanoseconds, seed: UInt64) {
        (self.averageSize, self.sizeVariation) = (averageSize, sizeVariation)
        (self.delay, generator) = (delay, SeededGenerator(seed: seed))
    }

    public var deadline: Instant? { held.isEmpty ? nil : next }

    public var heldBytes: Int { held.byteCount }

    public mutating func receive(_ flow: Flow, at now: Instant, into actions: inout Actions) {
        let wasEmpty = held.isEmpty
        if wasEmpty, !isSliced(flow) { return actions.forward(flow) }
        held.append(flow, ())
        // Otherwise its turn comes at the deadline, which may be over already.
        if wasEmpty { drain(at: now, &actions) }
    }

    public mutating func wake(at now: Instant, into actions: inout Actions) {
        drain(at: now, &actions)
    }

    public mutating func release(at now: Instant, into actions: inout Actions) {
        held.release(into: &actions)
    }

    /// Other sizes for what has not left, another delay after the next piece.
    mutating func update(
        averageSize: Int, sizeVariation: Int, delay: Nanoseconds, at now: Instant,
        into actions: inout Actions
    ) {
        (self.averageSize, self.sizeVariation, self.delay) = (averageSize, sizeVariation, delay)
        if averageSize == 0 { release(at: now, into: &actions) }
    }

    private func isSliced(_ flow: Flow) -> Bool {
        guard case .bytes(let bytes) = flow else { return false }
        return averageSize > 0 && bytes.count > 0
    }

    private mutating func drain(at now: Instant, _ actions: inout Actions) {
        var pieces = 0
        while let first = held.first {
            guard case .bytes(let bytes) = first.flow, isSliced(first.flow) else {
                if let passed = held.removeFirst() { actions.forward(passed.flow) }
                continue
            }
            guard next <= now, pieces < Self.piecesAtOnce else { return next = max(next, now) }
            pieces += 1
            let piece = Self.size(averageSize, sizeVariation, &generator)
            sendFirst(min(piece, bytes.count), of: bytes, &actions)
            next = now + delay
        }
    }

    private mutating func sendFirst(_ count: Int, of bytes: Bytes, _ actions: inout Actions) {
        actions.forward(.bytes(bytes[0..<count]))
        if count == bytes.count {
            _ = held.removeFirst()
        } else {
            held.replaceFirst(.bytes(bytes[count..<bytes.count]), ())
        }
    }

    /// average + uniform[-variation, variation], and one byte at least.
    static func size(
        _ average: Int, _ variation: Int, _ generator: inout SeededGenerator
    ) -> Int {
        guard variation > 0 else { return max(average, 1) }
        let drawn = Int(generator.next(below: 2 * UInt64(variation) + 1))
        return max(average - variation + drawn, 1)
    }
}
