import HTTPWire

/// `bandwidth`: bytes leave at a rate, in pieces of at most a tenth of a second.
///
/// As Toxiproxy's: a piece leaves when its time is over, and 0 stalls everything until the rate
/// changes. There is no credit for time in which nothing was sent.
public struct Bandwidth: CatalogueEntry {
    /// Thousandths of a byte per second; 0 stalls them.
    let thousandths: UInt64
    /// Whether all connections of the proxy share it, in each direction, instead of each having it.
    let isShared: Bool

    /// - Parameter rate: bytes per second, at most 10¹⁵.
    public init(rate: UInt64, isShared: Bool = false) {
        self.init(thousandths: rate * 1000, isShared: isShared)
    }

    init(thousandths: UInt64, isShared: Bool = false) {
        (self.thousandths, self.isShared) = (thousandths, isShared)
    }

    static let name = "bandwidth"
    static let summary = "Bytes arrive at a limited rate; a rate of 0 stalls them."
    static let note = FaultNote(.body, .accept, .medium, aliases: ["rate"])
    static let example = " rate=64kB/s"
    static let attributes = [
        Attribute.rate("rate", "how fast; 0 stalls"),
        Attribute.flag("shared", "1: one rate for all connections of the proxy together"),
    ]
    /// Exchanges that follow each other on one wire share it.
    static let concernsConnection = true

    init(_ values: AttributeValues) {
        self.init(
            thousandths: UInt64(values.number("rate")), isShared: values.number("shared") == 1)
    }

    var values: [(name: String, value: Quantity)] {
        [("rate", .number(Int64(thousandths))), ("shared", .number(isShared ? 1 : 0))]
    }

    var words: String { rate + (isShared ? " shared" : "") }

    private var rate: String {
        switch thousandths {
        case 0: "stall"
        case ..<1_000_000: "\(Notation.shortest(Double(thousandths) / 1e3)) B/s"
        case ..<1_000_000_000: "\(Notation.shortest(Double(thousandths) / 1e6)) kB/s"
        default: "\(Notation.shortest(Double(thousandths) / 1e9)) MB/s"
        }
    }

    func stage(seed: UInt64, credit: () -> BandwidthCredit) -> (any Stage)? {
        BandwidthStage(rate: thousandths, credit: credit(), isShared: isShared)
    }
}

/// Bytes that wait for their turn.
///
/// A connection of its own has the turns of all that it holds at once. Where the proxy's others
/// have their part in it, it asks for the next piece's alone: so they come in turn.
///
/// A class, as it is asked many times what it holds: a struct would be copied for each answer.
final class BandwidthStage: Stage {
    /// Thousandths of a byte per second.
    private var rate: UInt64
    private var credit: BandwidthCredit
    private var isShared = false
    private var held = HeldFlows<BandwidthCredit.Turn>()

    convenience init(rate: UInt64) {
        self.init(rate: rate, credit: BandwidthCredit())
    }

    /// - Parameters:
    ///   - credit: shared with the other exchanges of the connection, or of the proxy.
    ///   - isShared: whether it is that of the proxy.
    init(rate: UInt64, credit: BandwidthCredit, isShared: Bool = false) {
        (self.rate, self.credit, self.isShared) = (rate, credit, isShared)
    }

    var heldBytes: Int { held.byteCount }

    var deadline: Instant? {
        guard rate > 0, let first = held.first else { return nil }
        return Self.due(min(first.flow.count, pieceSize), first.mark, rate: rate)
    }

    /// Tenths of a second of many connections end in the same milliseconds. None of them leaves
    /// early, and no lateness adds up: all is counted from the first byte.
    var wakeTime: Instant? {
        guard !isShared, let first = held.first, first.flow.count >= pieceSize else {
            return deadline
        }
        return deadline?.roundedUp(to: 1_000_000)
    }

    /// How many bytes leave together at most: what goes in 100 ms, in 10 where others wait; but one
    /// at least.
    static func pieceSize(rate: UInt64, isShared: Bool) -> Int {
        Int(clamping: max(rate / (isShared ? 100_000 : 10_000), 1))
    }

    private var pieceSize: Int { Self.pieceSize(rate: rate, isShared: isShared) }

    /// When the first `count` bytes of a turn have been sent.
    static func due(_ count: Int, _ turn: BandwidthCredit.Turn, rate: UInt64) -> Instant {
        turn.start + BandwidthCredit.time(of: turn.position + UInt64(count), rate: rate)
    }

    func receive(_ flow: Flow, at now: Instant, into actions: inout Actions) {
        // What needs no time passes at once, unless something is before it.
        guard case .bytes(let bytes) = flow, bytes.count > 0 else {
            let turn = BandwidthCredit.Turn(start: now, position: 0)
            return held.isEmpty ? actions.forward(flow) : held.append(flow, turn)
        }
        guard isShared else {
            return held.append(flow, credit.reserve(bytes.count, rate: rate, at: now))
        }
        let isNext = held.isEmpty
        held.append(flow, BandwidthCredit.Turn(start: now, position: 0))
        if isNext { takeTurn(at: now) }
    }

    /// The turn of the next piece, behind all that others have taken.
    private func takeTurn(at now: Instant) {
        guard isShared, case .bytes(let bytes)? = held.first?.flow, bytes.count > 0 else { return }
        let turn = credit.reserve(min(bytes.count, pieceSize), rate: rate, at: now)
        held.replaceFirst(.bytes(bytes), turn)
    }

    func wake(at now: Instant, into actions: inout Actions) {
        guard rate > 0 else { return }
        while let first = held.first {
            guard case .bytes(let bytes) = first.flow, bytes.count > 0 else {
                if let passed = held.removeFirst() { actions.forward(passed.flow) }
                takeTurn(at: now)
                continue
            }
            let count = min(bytes.count, pieceSize)
            guard Self.due(count, first.mark, rate: rate) <= now else { return }
            actions.forward(.bytes(bytes[0..<count]))
            takeFirst(count, of: bytes, first.mark)
            takeTurn(at: now)
        }
    }

    private func takeFirst(
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

    func release(at now: Instant, into actions: inout Actions) {
        held.release(into: &actions)
    }

    func join(_ entry: Bandwidth, _ credit: () -> BandwidthCredit) {
        guard entry.isShared != isShared else { return }
        (self.credit, isShared) = (credit(), entry.isShared)
        rate = 0  // so that all turns are taken anew
    }

    /// Another rate for everything that has not left; the piece under way begins again.
    func update(
        _ entry: Bandwidth, _ effect: Effect, at now: Instant, into actions: inout Actions
    ) {
        guard entry.thousandths != rate else { return }
        rate = entry.thousandths
        if isShared {
            credit.change(rate: rate, at: now)
            takeTurn(at: now)
        } else if rate > 0 {
            let (rate, credit) = (rate, credit)
            credit.restart(rate: rate, at: now)
            held.setMarks { credit.reserve($0.count, rate: rate, at: now) }
        }
        wake(at: now, into: &actions)
    }
}
