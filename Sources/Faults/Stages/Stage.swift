/// A fault at work on one direction of one exchange: bytes and the time go in, actions and the
/// next deadline come out. No clock, socket, timer or thread inside.
protocol Stage {
    /// Whose stage it is.
    associatedtype Entry: CatalogueEntry

    /// When it has something to do; nil if it waits for nothing.
    var deadline: Instant? { get }
    /// When to wake it: at the deadline, or a little later if that is the same to it, so that many
    /// are woken together.
    var wakeTime: Instant? { get }
    /// The bytes it holds, with 128 for each flow held.
    var heldBytes: Int { get }
    /// How many it may hold before its sender is to pause.
    var capacity: Int { get }
    /// Whether it lets nothing through and will not end that by itself.
    var isStuck: Bool { get }
    /// Whether something waits in it, or is kept from the peer until it ends the connection.
    var isHolding: Bool { get }
    /// Whether it has lost bytes of what is under way.
    var lacksBytes: Bool { get }
    /// The longest delay that it has drawn for a flow, in nanoseconds; nil if its exchange has
    /// drawn the delay.
    var longestDelay: Nanoseconds? { get }
    /// Its exchange or connection begins, or it is added to one that is under way.
    mutating func begin(at now: Instant)
    mutating func receive(_ flow: Flow, at now: Instant, into actions: inout Actions)
    /// Called at the deadline or later; `now` is what the stage is to take for the time.
    mutating func wake(at now: Instant, into actions: inout Actions)
    /// The toxic was removed: everything held goes on, in order, or a cut where bytes were lost.
    mutating func release(at now: Instant, into actions: inout Actions)
    /// Before `update`: whose turns it takes from now on may be another's.
    ///
    /// - Parameter credit: as for a stage that is made anew.
    mutating func join(_ entry: Entry, _ credit: () -> BandwidthCredit)
    /// The toxic has other quantities from now on; what the stage holds and has counted stays.
    ///
    /// - Parameter effect: as it was drawn for these quantities.
    mutating func update(
        _ entry: Entry, _ effect: Effect, at now: Instant, into actions: inout Actions)
}

extension Stage {
    var deadline: Instant? { nil }
    var wakeTime: Instant? { deadline }
    var heldBytes: Int { 0 }
    var capacity: Int { 256 * 1024 }
    var isStuck: Bool { false }
    var isHolding: Bool { heldBytes > 0 }
    var lacksBytes: Bool { false }
    var longestDelay: Nanoseconds? { nil }

    mutating func begin(at now: Instant) {}
    mutating func wake(at now: Instant, into actions: inout Actions) {}
    mutating func release(at now: Instant, into actions: inout Actions) {}
    mutating func join(_ entry: Entry, _ credit: () -> BandwidthCredit) {}

    /// Updates it with a fault that has been drawn anew; nothing if that is another one.
    mutating func take(
        _ entry: any CatalogueEntry, _ effect: Effect, at now: Instant,
        into actions: inout Actions, credit: () -> BandwidthCredit = { BandwidthCredit() }
    ) {
        guard let entry = entry as? Entry else { return }
        join(entry, credit)
        update(entry, effect, at: now, into: &actions)
    }
}
