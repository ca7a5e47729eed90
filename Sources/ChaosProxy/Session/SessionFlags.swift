/// What has happened to a session that does not say where it stands.
struct SessionFlags: OptionSet {
    let rawValue: UInt16
    /// What is kept of the client's bytes waits for room, not for more bytes.
    static let paused = SessionFlags(rawValue: 1)
    /// What was kept is being read: more of it may follow.
    static let reading = SessionFlags(rawValue: 32768)
    /// The client has sent more than the request that is answered, or anything at all where the
    /// connection is the exchange.
    static let talkative = SessionFlags(rawValue: 2)
    /// There is more of a body that is made while it is sent.
    static let pumping = SessionFlags(rawValue: 4)
    /// The client has taken nothing for too long.
    static let timedOut = SessionFlags(rawValue: 8)
    /// A system call of ours has failed.
    static let failed = SessionFlags(rawValue: 16)
    /// A fault has ended the connection; with RST.
    static let cut = SessionFlags(rawValue: 32)
    static let cutByReset = SessionFlags(rawValue: 64)
    /// The backend could not be reached.
    static let backendRefused = SessionFlags(rawValue: 128)
    /// It counts as one that has met a plan.
    static let drawn = SessionFlags(rawValue: 256)
    /// The connection, where that is the exchange, has its record.
    static let recorded = SessionFlags(rawValue: 512)
    /// The client is not read, so that its backend is not outrun.
    static let notRead = SessionFlags(rawValue: 2048)
    /// Our end, which has begun, is a reset.
    static let resetting = SessionFlags(rawValue: 8192)
    /// It ends as soon as nothing is held any more.
    static let draining = SessionFlags(rawValue: 4096)
    /// The client is known to be gone.
    static let gone = SessionFlags(rawValue: 1024)
    /// It is under way no more, although it is not over: its client may be gone.
    static let leftFlight = SessionFlags(rawValue: 16384)
}
