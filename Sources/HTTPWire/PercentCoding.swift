/// Percent-encoding of paths (RFC 3986 §2.1).
public enum PercentCoding {
    /// Decodes a path for a look-up in a table of paths.
    ///
    /// Only escapes are changed; dot segments, also escaped ones, stay as they are and simply name
    /// nothing in the table. A path without `%` is returned unchanged.
    ///
    /// - Returns: nil if an escape is not `%` and two hexadecimal digits, or stands for NUL or `/`.
    ///   An escaped slash is data and not the same as a separator (RFC 3986 §2.2), so a decoded
    ///   path could not tell the two apart.
    public static func decodePath(_ path: UnsafeRawBufferPointer) -> [UInt8]? {
        guard path.contains(UInt8(ascii: "%")) else { return Array(path) }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(path.count)
        var position = 0
        while position < path.count {
            if path[position] != UInt8(ascii: "%") {
                decoded.append(path[position])
                position += 1
            } else {
                guard let byte = decodeEscape(path, at: position) else { return nil }
                guard byte != 0, byte != UInt8(ascii: "/") else { return nil }
                decoded.append(byte)
                position += 3
            }
        }
        return decoded
    }

    /// Encodes a file's name, with the folders it lies in, for use as a path.
    ///
    /// Slashes stay, and what a segment between them may have as it is: unreserved characters,
    /// sub-delimiters, `:` and `@` (RFC 3986 §3.3, pchar). All else becomes an escape with capital
    /// digits (RFC 3986 §2.1).
    public static func encodePath(_ name: String) -> String {
        let slash = UInt8(ascii: "/")
        guard !name.utf8.allSatisfy({ isSegmentByte($0) || $0 == slash }) else { return name }
        var encoded: [UInt8] = []
        for byte in name.utf8 {
            if isSegmentByte(byte) || byte == slash {
                encoded.append(byte)
            } else {
                encoded.append(UInt8(ascii: "%"))
                encoded.append(hexadecimalDigit(byte >> 4))
                encoded.append(hexadecimalDigit(byte & 0x0F))
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// The byte of an escape whose `%` is at `position`; nil if the escape is malformed.
    private static func decodeEscape(_ path: UnsafeRawBufferPointer, at position: Int) -> UInt8? {
        guard path.count - position >= 3,
            let high = hexadecimalValue(path[position + 1]),
            let low = hexadecimalValue(path[position + 2])
        else { return nil }
        return high << 4 | low
    }

    private static func hexadecimalDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
    }

    /// RFC 3986 §3.3: pchar without pct-encoded.
    private static func isSegmentByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "!"), UInt8(ascii: "$"),
            UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "("), UInt8(ascii: ")"),
            UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: ","), UInt8(ascii: ";"),
            UInt8(ascii: "="), UInt8(ascii: ":"), UInt8(ascii: "@"):
            true
        default: false
        }
    }
}
