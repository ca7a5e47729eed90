/// A fault at work on one direction of one exchange: bytes and the time go in, actions and the
/// next deadline come out. No clock, socket, timer or thread inside.
public protocol Stage {
    /// When it wants to be woken; nil if it waits for nothing.
    var deadline: Instant? { get }
    /// The bytes it holds, with 128 for each flow held.
    var heldBytes: Int { get }
    /// How many it may hold before its sender is to pause.
    var capacity: Int { get }
    /// Its exchange or connection begins, or it is added to one that is under way.
    mutating func begin(at now: Instant)
    mutating func receive(_ flow: Flow, at now: Instant, into actions: inout Actions)
    /// Called at the deadline or later; `now` is what the stage is to take for the time.
    mutating func wake(at now: Instant, into actions: inout Actions)
    /// The toxic was removed: everything held goes on, in order, or a cut where bytes were lost.
    mutating func release(at now: Instant, into actions: inout Actions)
}

extension Stage {
    public var capacity: Int { 256 * 1024 }

    public mutating func begin(at now: Instant) {}
}
