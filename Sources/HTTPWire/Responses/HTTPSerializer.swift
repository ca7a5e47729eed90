/// Writes heads (RFC 9112 §4 and §5). Pure: the date is passed in.
public enum HTTPSerializer {
    /// `Server` of every answer.
    public static let server = "flagserver/0.1.0"

    /// What the connection does after the message (RFC 9112 §9.3).
    public enum Persistence: Sendable {
        /// Says nothing: HTTP/1.1 persists by itself.
        case implied
        /// HTTP/1.0 must be told.
        case keepAlive
        case close
    }

    /// The head of a response, with the empty line.
    ///
    /// - Parameters:
    ///   - date: seconds since 1970.
    ///   - contentLength: bytes of content, nil if that is not known; left away where the status
    ///     allows no such field.
    public static func head(
        _ status: HTTPStatus, fields: [HTTPField], contentLength: Int?, date: Int64,
        persistence: Persistence
    ) -> [UInt8] {
        var text = "HTTP/1.1 \(status)\r\nDate: \(HTTPDate.string(date))\r\nServer: \(server)\r\n"
        for field in fields { text += "\(field.name): \(field.value)\r\n" }
        if let contentLength = contentLength.flatMap(status.contentLength) {
            text += "Content-Length: \(contentLength)\r\n"
        }
        text += line(for: persistence)
        text += "\r\n"
        return Array(text.utf8)
    }

    static func line(for persistence: Persistence) -> String {
        switch persistence {
        case .implied: ""
        case .keepAlive: "Connection: keep-alive\r\n"
        case .close: "Connection: close\r\n"
        }
    }

    /// How many bytes the status line has, with its end.
    public static func statusLineCount(_ status: HTTPStatus) -> Int {
        dateOffset(status) - "Date: ".utf8.count
    }

    /// Where `head` puts the date.
    static func dateOffset(_ status: HTTPStatus) -> Int {
        // Put together at each answer it would cost more than all the rest of its head.
        "HTTP/1.1 123 \r\nDate: ".utf8.count + status.reason.utf8.count
    }
}
