import HTTPWire

extension HTTPResponse {
    private static let noSniffing = HTTPField("X-Content-Type-Options", "nosniff")

    static func text(
        _ status: HTTPStatus, _ text: String, _ fields: [HTTPField] = []
    ) -> HTTPResponse {
        let type = HTTPField("Content-Type", "text/plain; charset=utf-8")
        return HTTPResponse(status, fields: [type, noSniffing] + fields, body: [Bytes(text)])
    }

    static func json(_ status: HTTPStatus, _ value: JSONValue) -> HTTPResponse {
        let type = HTTPField("Content-Type", "application/json")
        return HTTPResponse(status, fields: [type], body: [Bytes(JSONWriter.text(value))])
    }

    /// Our own errors.
    static func json(_ error: APIError) -> HTTPResponse {
        .json(error.status, .object(error.members))
    }

    /// JSON that says of itself that it is text: Toxiproxy's errors.
    static func toxiproxy(_ error: APIError) -> HTTPResponse {
        .text(error.status, JSONWriter.text(.object(error.members)) + "\n")
    }

    /// Vaurien's answers.
    static func vaurien(_ status: HTTPStatus, _ text: String) -> HTTPResponse {
        let type = HTTPField("Content-Type", "application/json")
        return HTTPResponse(status, fields: [type, noSniffing], body: [Bytes(text)])
    }
}
