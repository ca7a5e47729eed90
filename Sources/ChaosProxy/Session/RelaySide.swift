/// How one side of a session stands: its client's, or its backend's.
struct RelaySide: OptionSet {
    let rawValue: UInt8
    /// Its FIN has come.
    static let ended = RelaySide(rawValue: 1)
    /// It has been sent a FIN, and may still speak.
    static let finished = RelaySide(rawValue: 2)
    /// Its connection is gone.
    static let closed = RelaySide(rawValue: 4)
    /// It has reset the connection, or could not be reached.
    static let reset = RelaySide(rawValue: 8)
    /// What it sends goes straight to the other one.
    static let relaying = RelaySide(rawValue: 16)
    /// Its FIN came before the other one's.
    static let endedFirst = RelaySide(rawValue: 32)
}
