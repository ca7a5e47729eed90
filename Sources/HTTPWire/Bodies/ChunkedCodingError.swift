/// Why a chunked body is malformed (RFC 9112 §7.1).
///
/// Nothing tells where the next message of the connection begins, so it has to be closed.
public enum ChunkedCodingError: Error, Equatable, CaseIterable, CustomStringConvertible {
    /// A chunk-size line does not begin with a hexadecimal digit.
    case missingSize
    /// A size is followed by neither CRLF nor an extension.
    case invalidSize
    /// A size has more than 16 digits or is above `Int.max`.
    case sizeTooLarge
    /// A chunk-size line is longer than 4 KiB.
    case lineTooLong
    /// An extension has a control character, such as a bare line feed.
    case controlInExtension
    /// The extensions of all chunks are longer than 64 KiB.
    case extensionsTooLong
    /// A carriage return outside the data is not followed by a line feed.
    case missingLineFeed
    /// CRLF does not follow where the size says the data ends.
    case missingDataEnd
    /// A trailer field name is not a token right before a colon.
    case invalidTrailerName
    /// A trailer line begins with whitespace, as the obsolete line folding has it.
    case foldedTrailer
    /// A trailer field value has a control character.
    case controlInTrailer
    /// There are more than 100 trailer fields.
    case tooManyTrailers
    /// The trailer section is longer than 32 KiB.
    case trailersTooLong

    /// The reason as a clause for a log.
    public var description: String {
        switch self {
        case .missingSize: "a chunk has no size"
        case .invalidSize: "a chunk size is followed by something other than CRLF or an extension"
        case .sizeTooLarge: "a chunk size is larger than any body"
        case .lineTooLong: "a chunk-size line is longer than 4 KiB"
        case .controlInExtension: "a chunk extension has a control character"
        case .extensionsTooLong: "the chunk extensions together are longer than 64 KiB"
        case .missingLineFeed: "a carriage return is not followed by a line feed"
        case .missingDataEnd: "the data of a chunk is not followed by CRLF"
        case .invalidTrailerName: "a trailer field name is not a token followed by a colon"
        case .foldedTrailer: "a trailer line begins with whitespace"
        case .controlInTrailer: "a trailer field value has a control character"
        case .tooManyTrailers: "there are more than 100 trailer fields"
        case .trailersTooLong: "the trailer section is longer than 32 KiB"
        }
    }
}
