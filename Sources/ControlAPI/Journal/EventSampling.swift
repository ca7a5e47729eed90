import Faults

/// Which records a reader of `/events` gets that has said how many it takes in a second: all of
/// them, or evenly 1 in n. At each tick there is a round over those that have come; n is the least
/// one that keeps what the time since the last tick allows. Knows neither records nor a clock.
struct EventSampling {
    /// Records a second that a reader may ask for.
    static let rates = 1...1_000_000
    private static let second: Nanoseconds = 1_000_000_000
    /// Between two ticks; what the first one allows.
    private static let tick: Nanoseconds = 250_000_000

    enum Stage: Equatable {
        /// For a tick that allows a record.
        case waiting
        /// A round can begin.
        case due
        /// Those that match are counted: so many, up to this sequence number.
        case counting(UInt64, upTo: UInt64)
        case sending
    }

    private let rate: UInt64
    private(set) var stage = Stage.waiting
    /// The last sequence number of the round.
    private(set) var end: UInt64 = 0
    /// Of how many one is sent in this round.
    private(set) var oneIn: UInt64 = 1
    /// What its reader was told last.
    private var told: UInt64 = 1
    /// Records times nanoseconds.
    private var credit: UInt64 = 0
    private var lastTick: Instant?
    /// Where the last record lies that matched: the sequence number before the round, and one more
    /// with each of them. Where all match it is the sequence number; where only some do, these do
    /// not depend on which numbers they have.
    private var place: UInt64 = 0

    /// - Parameter rate: one of `rates`.
    init(rate: Int) { self.rate = UInt64(max(rate, 1)) }

    /// Whole records that may be sent in a round that begins now.
    var allowance: UInt64 { credit / Self.second }

    /// Whether its reader has been told of more than what is left out now.
    var owesWord: Bool { told != 1 }

    mutating func tick(at now: Instant) {
        let elapsed = lastTick.map { min(now - min($0, now), Self.second) } ?? Self.tick
        lastTick = now
        // What was not used is not saved, but for the part of a record.
        credit = min(credit, Self.second - 1) + rate * elapsed
        switch stage {
        case .waiting, .due: stage = allowance > 0 ? .due : .waiting
        case .counting, .sending: break
        }
    }

    // MARK: A round

    /// Counts first, as nobody knows how many match.
    ///
    /// - Parameters:
    ///   - cursor: the sequence number before the round.
    ///   - newest: its last one.
    mutating func count(_ found: UInt64 = 0, after cursor: UInt64, to newest: UInt64) {
        (stage, end) = (.counting(found, upTo: cursor), newest)
    }

    /// - Parameters:
    ///   - matching: how many there are at most.
    ///   - cursor: the sequence number before the round.
    ///   - newest: its last one.
    mutating func begin(_ matching: UInt64, after cursor: UInt64, to newest: UInt64) {
        (stage, place, end) = (.sending, cursor, newest)
        let allowance = allowance
        // Fewer would be too many wherever the round begins.
        oneIn = matching > allowance ? matching / (allowance + 1) + 1 : 1
        while chosen(of: matching) > allowance { oneIn += 1 }
        credit -= chosen(of: matching) * Self.second
    }

    private func chosen(of matching: UInt64) -> UInt64 {
        (place + matching) / oneIn - place / oneIn
    }

    /// How many that match lie before the next one that is sent.
    var skipped: UInt64 { oneIn - 1 - place % oneIn }

    /// So many are passed over.
    mutating func skip(_ count: UInt64) { place += count }

    /// Takes one that matches.
    ///
    /// - Returns: whether it is sent.
    mutating func takes() -> Bool {
        place += 1
        return place % oneIn == 0
    }

    /// Records are gone before they were sent; none of them was told to be left out.
    mutating func lose(_ count: UInt64) {
        switch stage {
        case .waiting, .due: break
        case .counting: stage = .due
        case .sending: place += count
        }
    }

    mutating func finish() { stage = .waiting }

    /// What its reader is to be told of a part of the round; nil: nothing.
    ///
    /// - Parameter leftOut: how many that match.
    mutating func word(leftOut: UInt64) -> String? {
        guard leftOut > 0 || told != oneIn else { return nil }
        told = oneIn
        return "{\"one_in\":\(oneIn),\"left_out\":\(leftOut)}"
    }
}
