/// How many connections a client that spares them may have now.
///
/// A server that answers at once is asked as fast over a few as over a hundred, and each one costs
/// both sides more than an answer. So there are few at first, and twice as many whenever requests
/// have had to wait for a while. But where nothing is answered meanwhile, the server takes its time
/// and not ours: then all are begun at once that are of use. Pure.
struct ConnectionPace {
    static let first = 4
    /// For how long requests wait for a connection until that is looked at, in nanoseconds.
    static let pause: UInt64 = 1_000_000
    private static let pausesToDouble = 4

    private(set) var allowed: Int
    private var answers = 0
    private var pauses = 0

    init(isSparing: Bool) {
        allowed = isSparing ? Self.first : .max
    }

    /// An answer is there.
    mutating func noteAnswer() { answers += 1 }

    /// Requests have waited for a `pause`.
    mutating func notePause() {
        guard answers > 0 else { return allowed = .max }
        answers = 0
        pauses += 1
        guard pauses % Self.pausesToDouble == 0 else { return }
        let (twice, overflows) = allowed.multipliedReportingOverflow(by: 2)
        allowed = overflows ? .max : twice
    }
}
