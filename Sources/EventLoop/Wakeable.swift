/// What can be woken at an instant: a connection or a timer.
///
/// A base class and not a protocol, so that the heap can hold an unretained pointer and write the
/// index back without a look-up. Loop thread only.
public class Wakeable {
    /// Where it stands in the heap, or -1.
    final var heapIndex: Int32 = -1

    /// Called by the loop, at or after the deadline, with the entry already taken out.
    func due(at now: UInt64) {}
}
