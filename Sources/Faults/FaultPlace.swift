/// Where a fault acts.
public enum FaultPlace: String, Sendable {
    /// The answer is another one, and the backend is not contacted.
    case exchange
    /// When the bytes leave, how many, in which pieces, and how they end.
    case bytes
}
