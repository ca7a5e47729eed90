/// Percent-encoding (RFC 3986 §2.1).
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
        return decode(path) { $0 != 0 && $0 != UInt8(ascii: "/") }
    }

    /// Decodes a name or a value of a query, as forms encode them: `+` is a space.
    ///
    /// - Returns: nil if an escape is malformed.
    public static func decodeForm(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        decode(text, plus: UInt8(ascii: " "))
    }

    /// - Parameters:
    ///   - plus: what `+` stands for.
    ///   - isAllowed: which bytes may be escaped.
    /// - Returns: nil if an escape is malformed or stands for what it may not.
    public static func decode(
        _ text: UnsafeRawBufferPointer, plus: UInt8 = UInt8(ascii: "+"),
        where isAllowed: (UInt8) -> Bool = { _ in true }
    ) -> [UInt8]? {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(text.count)
        var position = 0
        while position < text.count {
            switch text[position] {
            case UInt8(ascii: "%"):
                guard let byte = escape(text, at: position), isAllowed(byte) else { return nil }
                decoded.append(byte)
                position += 2
            case UInt8(ascii: "+"): decoded.append(plus)
            case let byte: decoded.append(byte)
            }
            position += 1
        }
        return decoded
    }

    /// The byte of an escape whose `%` is at `position`; nil if the escape is malformed.
    private static func escape(_ text: UnsafeRawBufferPointer, at position: Int) -> UInt8? {
        guard text.count - position >= 3,
            let high = Hexadecimal.value(of: text[position + 1]),
            let low = Hexadecimal.value(of: text[position + 2])
        else { return nil }
        return high << 4 | low
    }

    /// Encodes a file's name, with the folders it lies in, for use as a path.
    ///
    /// Slashes stay, and what a segment between them may have as it is: unreserved characters,
    /// sub-delimiters, `:` and `@` (RFC 3986 §3.3, pchar). All else becomes an escape with capital
    /// digits (RFC 3986 §2.1).
    public static func encodePath(_ name: String) -> String {
        encode(name) { isSegmentByte($0) || $0 == UInt8(ascii: "/") }
    }

    /// Encodes a text that is one segment of a path, or a name or a value of a query: all but
    /// letters, digits and `-._~` (RFC 3986 §2.3).
    public static func encodeComponent(_ text: String) -> String {
        encode(text) { byte in
            byte &- 0x30 <= 9 || (byte | 0x20) &- 0x61 < 26 || "-._~".utf8.contains(byte)
        }
    }

    private static func encode(_ text: String, but isPlain: (UInt8) -> Bool) -> String {
        guard !text.utf8.allSatisfy(isPlain) else { return text }
        var encoded: [UInt8] = []
        for byte in text.utf8 {
            if isPlain(byte) {
                encoded.append(byte)
            } else {
                encoded.append(UInt8(ascii: "%"))
                encoded.append(Hexadecimal.capital(byte >> 4))
                encoded.append(Hexadecimal.capital(byte & 0x0F))
            }
        }
        return String(decoding: encoded, as: UTF8.self)
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
