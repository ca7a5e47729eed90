import HTTPWire
import Records

/// The framing of one connection by its protocol.
enum Framing: MessageFraming {
    /// No messages, only bytes.
    case bytes
    case http(HTTPFraming)
    case redis(RedisFraming)
    case memcache(MemcacheFraming)
    case smtp(SMTPFraming)

    init(_ protocol: ProxyProtocol) {
        switch `protocol` {
        case .tcp, .mysql: self = .bytes
        case .http: self = .http(HTTPFraming())
        case .redis: self = .redis(RedisFraming())
        case .memcache: self = .memcache(MemcacheFraming())
        case .smtp: self = .smtp(SMTPFraming())
        }
    }

    /// Of a reply whose head has just been read, where there are heads.
    var announcedLength: Int? {
        if case .http(let framing) = self { framing.announcedLength } else { nil }
    }

    /// Bytes of the reply being read that frame its content.
    var chunkBytes: Int {
        if case .http(let framing) = self { framing.chunkBytes } else { 0 }
    }

    mutating func request(_ bytes: UnsafeRawBufferPointer) -> RequestStep {
        switch self {
        case .bytes: return .tunnel(reason: Self.noMessages)
        case .http(var framing):
            defer { self = .http(framing) }
            return framing.request(bytes)
        case .redis(var framing):
            self = .bytes  // So that the framing's array has one owner and is not copied.
            defer { self = .redis(framing) }
            return framing.request(bytes)
        case .memcache(var framing):
            defer { self = .memcache(framing) }
            return framing.request(bytes)
        case .smtp(var framing):
            defer { self = .smtp(framing) }
            return framing.request(bytes)
        }
    }

    mutating func response(_ bytes: UnsafeRawBufferPointer, to kind: UInt8?) -> ResponseStep {
        switch self {
        case .bytes: return .tunnel(reason: Self.noMessages)
        case .http(var framing):
            defer { self = .http(framing) }
            return framing.response(bytes, to: kind)
        case .redis(var framing):
            self = .bytes  // So that the framing's array has one owner and is not copied.
            defer { self = .redis(framing) }
            return framing.response(bytes, to: kind)
        case .memcache(var framing):
            defer { self = .memcache(framing) }
            return framing.response(bytes, to: kind)
        case .smtp(var framing):
            defer { self = .smtp(framing) }
            return framing.response(bytes, to: kind)
        }
    }

    mutating func injected() {
        switch self {
        case .bytes, .redis, .memcache: break
        case .http(var framing):
            framing.injected()
            self = .http(framing)
        case .smtp(var framing):
            framing.injected()
            self = .smtp(framing)
        }
    }

    /// Whether the reply that has just ended was the last of this protocol (101, STARTTLS): both
    /// directions are bytes from here on.
    var isSwitched: Bool {
        switch self {
        case .bytes, .redis, .memcache: false
        case .http(let framing): framing.isSwitched
        case .smtp(let framing): framing.isSwitched
        }
    }

    private static let noMessages = "the protocol is read as bytes"

    /// An error of the protocol that a client takes for the reply to its request.
    ///
    /// - Parameter refusal: nil for a fault's.
    /// - Returns: nil for tcp and http. `closes` says that the connection has to end with it.
    static func errorReply(
        _ protocol: ProxyProtocol, refusal: ExchangeRecord.Refusal? = nil
    ) -> (bytes: [UInt8], closes: Bool)? {
        let reason =
            refusal.map { "refused by flagserver: over the limit (\($0.rawValue))" }
            ?? "injected by flagserver"
        return switch `protocol` {
        case .tcp, .http: nil
        case .redis: (Array("-ERR \(reason)\r\n".utf8), false)
        case .memcache: (Array("SERVER_ERROR \(reason)\r\n".utf8), false)
        case .smtp: (Array("451 4.3.0 \(reason)\r\n".utf8), false)
        case .mysql: (MySQLPackets.error(1105, reason), true)
        }
    }
}
