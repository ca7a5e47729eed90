/// One field line of a message.
public struct HTTPField: Sendable {
    public let name: String
    public let value: String

    public init(_ name: String, _ value: String) {
        (self.name, self.value) = (name, value)
    }
}

/// A response before it is framed: Date, Server, Connection and Content-Length are added when it
/// is written, and the body of an answer to HEAD is left away there.
public struct HTTPResponse {
    public var status: HTTPStatus
    public var fields: [HTTPField]
    public var body: [Bytes]

    public init(_ status: HTTPStatus, fields: [HTTPField] = [], body: [Bytes] = []) {
        (self.status, self.fields, self.body) = (status, fields, body)
    }

    /// A short answer for people.
    public init(_ status: HTTPStatus, text: String, fields: [HTTPField] = []) {
        let type = HTTPField("Content-Type", "text/plain; charset=utf-8")
        self.init(status, fields: fields + [type], body: [Bytes(text + "\n")])
    }

    public var bodyCount: Int { body.reduce(0) { $0 + $1.count } }
}

/// What a site answers: a response that lies ready, one made for this request, or one that is made
/// while it is sent.
public enum SiteAnswer {
    case prepared(PreparedResponse)
    case made(HTTPResponse)
    case streamed(ResponseStream)

    public var status: HTTPStatus {
        switch self {
        case .prepared(let response): response.status
        case .made(let response): response.status
        case .streamed(let response): response.status
        }
    }

    /// nil if it is not known before it is sent.
    public var bodyCount: Int? {
        switch self {
        case .prepared(let response): response.body.count
        case .made(let response): response.bodyCount
        case .streamed: nil
        }
    }
}

/// What stands at the end of a proxy in this process: a function from request to answer. It never
/// learns what a fault is.
public typealias Site = (HTTPRequest) -> SiteAnswer
