import Faults

/// What may go wrong again and again.
enum Trouble: Hashable {
    /// With the C error number, as in `socket`.
    case accepting(Int32)
    case socket(Int32)
    /// With the cause, in the words of `DialError`.
    case connecting(String)
    case messages
    case toxics
    case scripts
}

/// How often trouble is told that may come again and again, from every listener and connection:
/// each kind once a second at most, by all who share it together. Loop thread only.
public final class TroubleReports {
    private static let interval: Nanoseconds = 1_000_000_000

    /// More kinds than this are not told within a second.
    private static let mostKinds = 100
    private var last: [Trouble: Instant] = [:]

    public init() {}

    /// Whether it may be told now; it is then taken as told.
    func mayTell(_ trouble: Trouble, at now: Instant) -> Bool {
        if let last = last[trouble], now - last < Self.interval { return false }
        if last.count == Self.mostKinds { last = last.filter { now - $0.value < Self.interval } }
        guard last.count < Self.mostKinds else { return false }
        last[trouble] = now
        return true
    }
}
