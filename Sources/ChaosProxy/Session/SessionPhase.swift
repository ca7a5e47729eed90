/// Where a session stands. It only goes on.
enum SessionPhase: UInt8, Comparable {
    /// Requests are read.
    case open
    /// No further request is read; what is owed still leaves.
    case refusing
    /// Nothing more leaves but our FIN, which a fault holds back.
    case ending
    /// We have ended it, and what is written is being taken.
    case ended
    /// It is gone, and the proxy knows.
    case over

    static func < (left: SessionPhase, right: SessionPhase) -> Bool {
        left.rawValue < right.rawValue
    }
}
