extension ProtocolTraits {
    /// Its messages are not told apart; the one packet that is written here takes the place of the
    /// server's greeting.
    static let mysql = ProtocolTraits(serverSpeaksFirst: true) { reason in
        ErrorReply(closingWith: MySQL.error(1105, reason))
    }
}

/// MySQL's and MariaDB's protocol.
enum MySQL {
    /// An ERR packet in place of the server's greeting.
    ///
    /// It has no SQL state, because before the greeting nothing is agreed on: MySQL's own server
    /// leaves it away there, and clients that know it look for the `#` before it.
    ///
    /// - Parameters:
    ///   - code: MySQL's error number; 1105 is ER_UNKNOWN_ERROR.
    ///   - message: not beginning with `#`, at most 512 bytes.
    static func error(_ code: UInt16, _ message: String) -> [UInt8] {
        let payload = [0xff, UInt8(truncatingIfNeeded: code), UInt8(code >> 8)] + message.utf8
        // The length in three bytes, little-endian, then the number of the packet: the first.
        let header = [payload.count, payload.count >> 8, payload.count >> 16, 0]
        return header.map { UInt8(truncatingIfNeeded: $0) } + payload
    }
}
