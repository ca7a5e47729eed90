/// Why bytes are no message.
enum MessageError: Error, Sendable {
    /// Shorter than it says.
    case short
    /// A label with a length that is none (RFC 1035 §4.1.4, RFC 6891 §5).
    case label
    /// A name of more than 255 bytes.
    case longName
    /// A pointer that does not lead to a place before it, or one of too many.
    case pointer
    /// More than one question.
    case questions
    /// The data of a record is not what its type has, or not as long as it says.
    case data
    /// Bytes behind the last record.
    case surplus
}
