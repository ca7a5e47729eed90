import HTTPWire

/// `corrupt`: random bytes in place of a message or, injected, in the middle of its first piece.
///
/// Vaurien's `error` on protocols that have no errors. A message ends at a boundary; where there
/// are none, the whole stream is one.
public struct Corrupt: CatalogueEntry {
    /// How many random ones.
    public let bytes: Int
    /// They come between the others.
    public let inject: Bool

    public init(bytes: Int, inject: Bool) {
        (self.bytes, self.inject) = (bytes, inject)
    }

    static let name = "corrupt"
    static let summary =
        "Random bytes arrive in place of the data, or in the middle of it."
    static let note = FaultNote(
        .body, .observe, .high,
        links: ["Shopify/toxiproxy#451", "aptly-dev/aptly#313"])
    static let example = " bytes=1000B toxicity=0.1"
    static let attributes = [
        Attribute("bytes", .bytes, "how many random ones", 0...(1 << 20), default: 1000),
        Attribute("inject", .flag, "1 puts them between the others, 0 in their place", 0...1),
    ]
    static let explains = Explanation.ending

    init(_ values: AttributeValues) {
        self.init(bytes: Int(values.number("bytes")), inject: values.number("inject") == 1)
    }

    var values: [(name: String, value: Quantity)] {
        [("bytes", .number(Int64(bytes))), ("inject", .number(inject ? 1 : 0))]
    }

    var words: String { "\(bytes) random bytes \(inject ? "in between" : "instead")" }

    func stage(seed: UInt64, credit: () -> BandwidthCredit) -> (any Stage)? {
        CorruptStage(self, seed: seed)
    }
}

/// Whether the message under way has got its random bytes.
struct CorruptStage: Stage {
    private var corrupt: Corrupt
    private var generator: SeededGenerator
    private var isDone = false
    var lacksBytes: Bool { isDone && !corrupt.inject }

    init(_ corrupt: Corrupt, seed: UInt64) {
        (self.corrupt, generator) = (corrupt, SeededGenerator(seed: seed))
    }

    mutating func receive(_ flow: Flow, at now: Instant, into actions: inout Actions) {
        switch flow {
        case .bytes(let bytes) where bytes.count > 0: receive(bytes, &actions)
        case .boundary:
            isDone = false
            actions.forward(flow)
        case .bytes, .prepared, .end, .cut: actions.forward(flow)
        }
    }

    private mutating func receive(_ bytes: Bytes, _ actions: inout Actions) {
        if corrupt.inject {
            let middle = isDone ? 0 : bytes.count / 2
            if middle > 0 { actions.forward(.bytes(bytes[0..<middle])) }
            sendRandomBytes(&actions)
            actions.forward(.bytes(bytes[middle..<bytes.count]))
        } else {
            sendRandomBytes(&actions)
        }
    }

    private mutating func sendRandomBytes(_ actions: inout Actions) {
        guard !isDone else { return }
        isDone = true
        guard corrupt.bytes > 0 else { return }
        let bytes = Self.random(corrupt.bytes, &generator)
        actions.forward(.bytes(Bytes(bytes).marked(.foreign)))
    }

    /// Eight bytes of each number, the lowest first.
    static func random(_ count: Int, _ generator: inout SeededGenerator) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            var number: UInt64 = 0
            for index in 0..<count {
                if index % 8 == 0 { number = generator.next() }
                buffer.initializeElement(at: index, to: UInt8(truncatingIfNeeded: number))
                number >>= 8
            }
            initialized = count
        }
    }

    /// Another kind of damage from the next message on.
    mutating func update(
        _ entry: Corrupt, _ effect: Effect, at now: Instant, into actions: inout Actions
    ) {
        corrupt = entry
    }
}
