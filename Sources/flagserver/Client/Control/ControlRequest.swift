import ControlAPI

/// What a control port is asked.
struct ControlRequest: Equatable {
    let method: String
    /// With the query, encoded.
    let path: String
    let content: JSONValue?

    init(_ method: String, _ path: String, _ content: JSONValue? = nil) {
        (self.method, self.path, self.content) = (method, path, content)
    }

    /// As it is sent, on a connection of its own.
    func bytes(to url: ControlURL, token: String?) -> [UInt8] {
        var head = "\(method) \(url.prefix)\(path) HTTP/1.1\r\nHost: \(url.host)\r\n"
        // Not like a browser's, which Toxiproxy refuses.
        head += "User-Agent: \(Banner.version)\r\nConnection: close\r\n"
        if let token { head += "Authorization: Bearer \(token)\r\n" }
        let body = content.map(JSONWriter.bytes) ?? []
        if content != nil { head += "Content-Type: application/json\r\n" }
        if method != "GET" { head += "Content-Length: \(body.count)\r\n" }
        return Array("\(head)\r\n".utf8) + body
    }
}
