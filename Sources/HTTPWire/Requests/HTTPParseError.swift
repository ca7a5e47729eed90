/// A head that is refused, with the status that says so. The connection is then closed: where the
/// next request begins would be a guess.
public struct HTTPParseError: Error, Equatable, Sendable, CustomStringConvertible {
    public let status: HTTPStatus
    /// One sentence for the body and the log.
    public let description: String

    /// The client expects a certificate first.
    public static let tls = HTTPParseError(400, "TLS on a port that speaks HTTP")

    init(_ status: HTTPStatus, _ description: String) {
        (self.status, self.description) = (status, description)
    }
}
