/// What becomes of a connection that has been accepted, before anything of it is read.
public enum Arrival: Equatable, Sendable {
    /// So long nothing is read, in nanoseconds.
    case waits(Nanoseconds)
    case ends(Cut)
}
