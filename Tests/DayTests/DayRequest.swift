/// One request of a visit, and what it should be answered if nothing goes wrong.
struct DayRequest {
    enum Method: String { case get = "GET", head = "HEAD", post = "POST" }

    let method: Method
    let target: String
    let status: UInt16
    /// Content of the whole answer, in bytes; of an answer to HEAD none.
    let content: Int
    /// Whether the connection is to end behind it.
    let closes: Bool
    /// How many bytes of content it brings.
    let upload: Int
    /// Of all bytes of its visit those up to its end.
    var end = 0
    /// When the first of it was read, and when all.
    var touched: UInt64?
    var delivered: UInt64?

    var bytes: [UInt8] {
        var text = "\(method.rawValue) \(target) HTTP/1.1\r\nHost: town\r\n"
        if closes { text += "Connection: close\r\n" }
        if upload > 0 { text += "Content-Length: \(upload)\r\n" }
        return Array((text + "\r\n").utf8) + [UInt8](repeating: 0x75, count: upload)
    }
}
