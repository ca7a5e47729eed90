/// What the toxics of all sessions hold back, in all worlds together. Loop thread only.
public final class HeldBytes {
    /// Beyond it senders are paused early.
    static let maximum = 512 << 20

    var count = 0

    public init() {}

    var isTooMuch: Bool { count > Self.maximum }
}
