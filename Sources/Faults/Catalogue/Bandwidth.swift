import HTTPWire

/// `bandwidth`: bytes leave at a rate, in pieces of at most a tenth of a second.
///
/// As Toxiproxy's: a piece leaves when its time is over, and 0 stalls everything until the rate
/// changes. There is no credit for time in which nothing was sent.
public struct Bandwidth: CatalogueEntry {
    /// Thousandths of a byte per second; 0 stalls them.
    let thousandths: UInt64

    /// - Parameter rate: bytes per second, at most 10¹⁵.
    public init(rate: UInt64) {
        self.init(thousandths: rate * 1000)
    }

    init(thousandths: UInt64) {
        self.thousandths = thousandths
    }

    static let name = "bandwidth"
    static let summary = "Bytes arrive at a limited rate; a rate of 0 stalls them."
    static let note = FaultNote(.body, .accept, .medium, aliases: ["rate"])
    static let example = " rate=64kB/s"
    static let attributes = [Attribute.rate("rate", "how fast; 0 stalls")]
    /// Exchanges that follow each other on one wire share it.
    static let concernsConnection = true

    init(_ values: AttributeValues) {
        self.init(thousandths: UInt64(values.number("rate")))
    }

    var values: [(name: String, value: Quantity)] { [("rate", .number(Int64(thousandths)))] }

    var words: String {
        switch thousandths {
        case 0: "stall"
        case ..<1_000_000: "\(Notation.shortest(Double(thousandths) / 1e3)) B/s"
        case ..<1_000_000_000: "\(Notation.shortest(Double(thousandths) / 1e6)) kB/s"
        default: "\(Notation.shortest(Double(thousandths) / 1e9)) MB/s"
        }
    }

    func stage(seed: UInt64, credit: () -> BandwidthCredit) -> (any Stage)? {
        BandwidthStage(rate: thousandths, credit: credit())
    }
}

/// Bytes that wait for their turn.
struct BandwidthStage: Stage {
    /// Thousandths of a byte per second.
    private var rate: UInt64
    private let credit: BandwidthCredit
    private var held = HeldFlows<BandwidthCredit.Turn>()

    init(rate: UInt64) {
        self.init(rate: rate, credit: BandwidthCredit())
    }

    /// - Parameter credit: shared with the other exchanges of the connection.
    init(rate: UInt64, credit: BandwidthCredit) {
        (self.rate, self.credit) = (rate, credit)
    }

    var heldBytes: Int { held.byteCount }

    var deadline: Instant? {
        guard rate > 0, let first = held.first else { return nil }
        let piece = min(first.flow.count, Self.pieceSize(rate: rate))
        return Self.due(piece, first.mark, rate: rate)
    }

    /// How many bytes leave together at most: what goes in 100 ms, but one at least.
    static func pieceSize(rate: UInt64) -> Int {
        Int(clamping: max(rate / 10_000, 1))
    }

    /// When the first `count` bytes of a turn have been sent.
    static func due(_ count: Int, _ turn: BandwidthCredit.Turn, rate: UInt64) -> Instant {
        turn.start + BandwidthCredit.time(of: turn.position + UInt64(count), rate: rate)
    }

    mutating func receive(_ flow: Flow, at now: Instant, into actions: inout Actions) {
        // What needs no time passes at once, unless something is before it.
        guard case .bytes(let bytes) = flow, bytes.count > 0 else {
            let turn = BandwidthCredit.Turn(start: now, position: 0)
            return held.isEmpty ? actions.forward(flow) : held.append(flow, turn)
        }
        held.append(flow, credit.reserve(bytes.count, rate: rate, at: now))
    }

    mutating func wake(at now: Instant, into actions: inout Actions) {
        guard rate > 0 else { return }
        while let first = held.first {
            guard case .bytes(let bytes) = first.flow, bytes.count > 0 else {
                if let passed = held.removeFirst() { actions.forward(passed.flow) }
                continue
            }
            let count = min(bytes.count, Self.pieceSize(rate: rate))
            guard Self.due(count, first.mark, rate: rate) <= now else { return }
            actions.forward(.bytes(bytes[0..<count]))
            takeFirst(count, of: bytes, first.mark)
        }
    }

    private mutating func takeFirst(
        _ count: Int, of bytes: Bytes, _ turn: BandwidthCredit.Turn
    ) {
        guard count < bytes.count else {
            _ = held.removeFirst()
            return
        }
        var next = turn
        next.position += UInt64(count)
        held.replaceFirst(.bytes(bytes[count..<bytes.count]), next)
    }

    mutating func release(at now: Instant, into actions: inout Actions) {
        held.release(into: &actions)
    }

    /// Another rate for everything that has not left; the piece under way begins again.
    mutating func update(
        _ entry: Bandwidth, _ effect: Effect, at now: Instant, into actions: inout Actions
    ) {
        guard entry.thousandths != rate else { return }
        rate = entry.thousandths
        guard rate > 0 else { return }
        let (rate, credit) = (rate, credit)
        credit.restart(rate: rate, at: now)
        held.setMarks { credit.reserve($0.count, rate: rate, at: now) }
        wake(at: now, into: &actions)
    }
}
