/// Where a fault acts.
public enum FaultPlace: String, Sendable {
    /// Who connects, before there is a connection that could be drawn for.
    case listener
    /// A connection as a whole: how it begins, and how long it lasts. Drawn for when it comes.
    case connection
    /// The answer is another one, and the backend is not contacted.
    case exchange
    /// When the bytes leave, how many, in which pieces, and how they end.
    case bytes
}
