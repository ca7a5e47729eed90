/// What a fault that has acted is the reason for, so that nobody takes it for an error.
public enum Explanation: Sendable {
    /// Bytes came later, or in other pieces: neither an ending nor a status.
    case nothing
    /// How the connection ended, or that bytes are missing.
    case ending
    /// The status that it answered.
    case status
}
