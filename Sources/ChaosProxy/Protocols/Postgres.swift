extension ProtocolTraits {
    /// Its messages are not told apart; the one that is written here stands behind what a client
    /// says first.
    static let postgres = ProtocolTraits(
        errorReply: { reason in
            ErrorReply(
                closingWith: Postgres.fatal(
                    "57P03", "the database system is starting up (\(reason))"))
        }, opening: { PostgresOpening() })
}

/// PostgreSQL's frontend/backend protocol, version 3.
enum Postgres {
    /// An ErrorResponse that ends the connection: the severity in the server's language and always
    /// in English, the SQL state, the message.
    ///
    /// - Parameters:
    ///   - state: five characters; 57P03 is cannot_connect_now.
    ///   - message: without a zero byte.
    static func fatal(_ state: String, _ message: String) -> [UInt8] {
        let fields = [("S", "FATAL"), ("V", "FATAL"), ("C", state), ("M", message)]
        let body: [UInt8] = fields.flatMap { name, text in Array("\(name)\(text)\0".utf8) } + [0]
        let count = UInt32(body.count + 4)
        let length = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) }
        return Array("E".utf8) + length + body
    }
}

/// What a client of PostgreSQL says before it understands an error: it may ask for encryption
/// first, and then there is its startup message.
struct PostgresOpening: ClientOpening {
    /// The server's own limit of a startup message, in bytes.
    private static let maximumLength = 10_000
    /// One for TLS, one for GSSAPI.
    private static let maximumRequests = 2

    private var bytes: [UInt8] = []
    private var requests = 0

    mutating func read(_ more: UnsafeRawBufferPointer) -> (reply: [UInt8], isComplete: Bool) {
        bytes += more.prefix(Self.maximumLength + 8 * Self.maximumRequests - bytes.count)
        var reply: [UInt8] = []
        while let length = number(at: 0) {
            guard length >= 8, length <= Self.maximumLength else { return (reply, true) }
            guard let code = number(at: 4) else { break }
            guard Self.asksForEncryption(length, code), requests < Self.maximumRequests else {
                return (reply, bytes.count >= length)
            }
            requests += 1
            bytes.removeFirst(length)
            reply += "N".utf8  // not here: go on in plain text
        }
        return (reply, false)
    }

    /// SSLRequest or GSSENCRequest.
    private static func asksForEncryption(_ length: Int, _ code: Int) -> Bool {
        length == 8 && (code == 80_877_103 || code == 80_877_104)
    }

    /// Four bytes, big-endian; nil if they are not there yet.
    private func number(at start: Int) -> Int? {
        guard bytes.count >= start + 4 else { return nil }
        return bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
    }
}
