/// How an answer came out (RFC 6895 §2.3), with the bits that OPT adds.
public enum ResponseCode: UInt16, Sendable, CaseIterable {
    case noError = 0
    case formatError = 1
    case serverFailure = 2
    /// There is no such name.
    case nameError = 3
    case notImplemented = 4
    case refused = 5
    /// A version of OPT that is not known (RFC 6891 §6.1.3).
    case badVersion = 16

    /// As `dig` writes it.
    public var word: String {
        switch self {
        case .noError: "NOERROR"
        case .formatError: "FORMERR"
        case .serverFailure: "SERVFAIL"
        case .nameError: "NXDOMAIN"
        case .notImplemented: "NOTIMP"
        case .refused: "REFUSED"
        case .badVersion: "BADVERS"
        }
    }
}
