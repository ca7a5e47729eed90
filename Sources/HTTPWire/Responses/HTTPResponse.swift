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
