/// Why a download failed: what the wire did, told apart as far as a client can tell.
public struct DownloadFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// One word each, as `--json` has it.
    public enum Kind: String, CaseIterable, Sendable {
        /// The server answered with a status that is no success and not 404.
        case status
        /// The name has no address.
        case name
        /// Nobody listens there.
        case refused
        /// The network has no way there, or it took longer than the timeout.
        case unreachable
        /// No answer, or no more of it, within the timeout.
        case timeout
        /// The connection was reset.
        case reset
        /// The connection ended before the answer began.
        case closed
        /// The connection ended before the answer did.
        case truncated
        /// What came is no HTTP that two readers understand alike.
        case malformed
        /// The answer is coded in a way that was not asked for.
        case coding
        /// The answer is longer than is taken.
        case large
        /// One redirect too many, or one that leads nowhere.
        case redirect
        /// The bytes are not those that were promised.
        case checksum
        /// The file cannot be written.
        case file
    }

    public let kind: Kind
    /// Of the answer, if there is one: 100...999.
    public let status: Int?
    /// `HTTP error 418 - I'm a teapot`, `connection reset after 512 of 6290 bytes`.
    public let description: String

    public init(_ kind: Kind, status: Int? = nil, _ description: String) {
        (self.kind, self.status, self.description) = (kind, status, description)
    }

    /// What it is counted under: the status for an answer, the kind for all else.
    public var word: String { kind == .status ? status.map { "\($0)" } ?? "status" : kind.rawValue }
}
