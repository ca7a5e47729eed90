public import HTTPWire

/// What an exchange was answered: a status of HTTP, or on a name server a response code. They have
/// no number in common.
public struct RecordStatus: Hashable, Sendable, ExpressibleByIntegerLiteral {
    /// 100...599, or a response code.
    public let code: UInt16

    public init(integerLiteral value: UInt16) { code = value }

    /// Inlinable, as that of the record.
    @inlinable public init(_ status: HTTPStatus) { code = status.code }

    /// - Parameter responseCode: RFC 6895 §2.3.
    public init(responseCode: UInt16) { code = responseCode }

    /// - Returns: nil for what neither of the two has.
    init?(_ code: Int) {
        guard Self.responseCodes ~= code || HTTPStatus(code) != nil else { return nil }
        self.code = UInt16(code)
    }

    /// RFC 6895 §2.3.
    private static let responseCodes = 0...23

    /// Whether it says that something is wrong: of response codes all but 0 do.
    var isError: Bool { code >= 400 || 1..<100 ~= code }

    /// Those that say that there is no such thing: 404 and NXDOMAIN.
    static let notFound: [RecordStatus] = [404, 3]
}
