/// A status code with its reason phrase (RFC 9110 §15; 418 from RFC 2324).
public struct HTTPStatus: Hashable, Sendable, ExpressibleByIntegerLiteral, CustomStringConvertible {
    /// 100...599.
    public let code: UInt16

    public init(integerLiteral value: UInt16) { code = value }

    /// - Returns: nil outside 100...599.
    public init?(_ code: Int) {
        guard (100...599).contains(code) else { return nil }
        self.code = UInt16(code)
    }

    /// `418 I'm a teapot`
    public var description: String { "\(code) \(reason)" }

    /// Whether an answer with this status may have content (RFC 9110 §6.4.1, §15.3.6).
    public var allowsBody: Bool { code >= 200 && code != 204 && code != 205 && code != 304 }

    /// The Content-Length of an answer with `count` bytes; nil where there must be no such field,
    /// or where it would speak of another answer (RFC 9110 §8.6).
    func contentLength(_ count: Int) -> Int? {
        code < 200 || code == 204 || code == 304 ? nil : count
    }

    /// The registered phrase; empty for a code without one.
    public var reason: String { Self.reasons[code] ?? "" }

    private static let reasons: [UInt16: String] = [
        100: "Continue", 101: "Switching Protocols", 103: "Early Hints",
        200: "OK", 201: "Created", 202: "Accepted", 203: "Non-Authoritative Information",
        204: "No Content", 205: "Reset Content", 206: "Partial Content",
        300: "Multiple Choices", 301: "Moved Permanently", 302: "Found", 303: "See Other",
        304: "Not Modified", 307: "Temporary Redirect", 308: "Permanent Redirect",
        400: "Bad Request", 401: "Unauthorized", 402: "Payment Required", 403: "Forbidden",
        404: "Not Found", 405: "Method Not Allowed", 406: "Not Acceptable",
        407: "Proxy Authentication Required", 408: "Request Timeout", 409: "Conflict",
        410: "Gone", 411: "Length Required", 412: "Precondition Failed",
        413: "Content Too Large", 414: "URI Too Long", 415: "Unsupported Media Type",
        416: "Range Not Satisfiable", 417: "Expectation Failed", 418: "I'm a teapot",
        421: "Misdirected Request", 422: "Unprocessable Content", 423: "Locked",
        424: "Failed Dependency", 425: "Too Early", 426: "Upgrade Required",
        428: "Precondition Required", 429: "Too Many Requests",
        431: "Request Header Fields Too Large", 451: "Unavailable For Legal Reasons",
        500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway",
        503: "Service Unavailable", 504: "Gateway Timeout", 505: "HTTP Version Not Supported",
        506: "Variant Also Negotiates", 507: "Insufficient Storage", 508: "Loop Detected",
        511: "Network Authentication Required",
    ]
}
