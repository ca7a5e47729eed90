import HTTPWire

/// `slicer`: bytes leave in pieces of about the average size, and some time passes after each.
///
/// Unlike Toxiproxy's, which halves again and again, the sizes are even over their range.
public struct Slicer: CatalogueEntry {
    /// In bytes; 0 slices nothing.
    public let averageSize: Int
    /// In bytes, also more than the average; a piece has one byte at least.
    public let sizeVariation: Int
    /// The pause after each piece.
    public let delay: Nanoseconds

    public init(averageSize: Int, sizeVariation: Int, delay: Nanoseconds) {
        (self.averageSize, self.sizeVariation, self.delay) = (averageSize, sizeVariation, delay)
    }

    static let name = "slicer"
    static let summary = "Bytes arrive in small pieces, with a pause between them."
    static let note = FaultNote(.body, .accept, .high)
    static let example = " average_size=64B size_variation=32B delay=10ms"
    static let attributes = [
        Attribute.size(
            "average_size", "size of a piece; 0 does not slice", belowZero: .isRefused),
        Attribute.size("size_variation", "evenly that much more or less"),
        Attribute.microseconds("delay", "pause after each piece"),
    ]

    init(_ values: AttributeValues) {
        self.init(
            averageSize: Int(values.number("average_size")),
            sizeVariation: Int(values.number("size_variation")), delay: values.time("delay"))
    }

    var values: [(name: String, value: Quantity)] {
        [
            ("average_size", .number(Int64(averageSize))),
            ("size_variation", .number(Int64(sizeVariation))), ("delay", .number(Int64(delay))),
        ]
    }

    var words: String {
        guard averageSize > 0 else { return "no slices" }
        let pause = delay == 0 ? "" : ", \(Notation.readable(delay)) apart"
        return "slices of \(averageSize) B\(pause)"
    }

    /// average + uniform[-variation, variation], and one byte at least.
    func size(_ generator: inout SeededGenerator) -> Int {
        guard sizeVariation > 0 else { return max(averageSize, 1) }
        let drawn = Int(generator.next(below: 2 * UInt64(sizeVariation) + 1))
        return max(averageSize - sizeVariation + drawn, 1)
    }

    func stage(seed: UInt64, credit: () -> BandwidthCredit) -> (any Stage)? {
        SlicerStage(self, seed: seed)
    }
}

/// Bytes that wait to leave in pieces.
struct SlicerStage: Stage {
    /// Pieces that leave in one go: a thousand others may be waiting for their turn.
    private static let piecesAtOnce = 8

    private var slicer: Slicer
    private var generator: SeededGenerator
    private var held = HeldFlows<Void>()
    /// When the next piece may leave.
    private var next = Instant(nanoseconds: 0)

    /// - Parameter seed: what the sizes are drawn from.
    init(_ slicer: Slicer, seed: UInt64) {
        (self.slicer, generator) = (slicer, SeededGenerator(seed: seed))
    }

    var deadline: Instant? { held.isEmpty ? nil : next }

    var heldBytes: Int { held.byteCount }

    mutating func receive(_ flow: Flow, at now: Instant, into actions: inout Actions) {
        let wasEmpty = held.isEmpty
        if wasEmpty, !isSliced(flow) { return actions.forward(flow) }
        held.append(flow, ())
        // Otherwise its turn comes at the deadline, which may be over already.
        if wasEmpty { drain(at: now, &actions) }
    }

    mutating func wake(at now: Instant, into actions: inout Actions) {
        drain(at: now, &actions)
    }

    mutating func release(at now: Instant, into actions: inout Actions) {
        held.release(into: &actions)
    }

    /// Other sizes for what has not left, another delay after the next piece.
    mutating func update(
        _ entry: Slicer, _ effect: Effect, at now: Instant, into actions: inout Actions
    ) {
        slicer = entry
        if slicer.averageSize == 0 { release(at: now, into: &actions) }
    }

    private func isSliced(_ flow: Flow) -> Bool {
        guard case .bytes(let bytes) = flow else { return false }
        return slicer.averageSize > 0 && bytes.count > 0
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
            sendFirst(min(slicer.size(&generator), bytes.count), of: bytes, &actions)
            next = now + slicer.delay
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
}
