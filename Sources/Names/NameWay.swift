/// How messages come and go.
public enum NameWay: Sendable {
    /// Each in a datagram.
    case datagram
    /// One behind the other, each behind its length.
    case stream
}
