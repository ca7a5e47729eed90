import HTTPWire

/// Reads one JSON value (RFC 8259) as Go's decoder does: invalid UTF-8 and lone surrogates are
/// replaced, and what comes after the value is left alone.
///
/// Bounded: the depth is limited, and nothing is kept twice.
public struct JSONReader {
    /// Most arrays and objects around a value.
    static let maximumDepth = 64

    private let bytes: UnsafeRawBufferPointer
    private var position = 0
    private var depth = 0

    /// - Parameter bytes: valid as long as the reader is used.
    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// The first value in `bytes`.
    ///
    /// - Parameter isWhole: nothing but white space may follow.
    public static func read(_ bytes: UnsafeRawBufferPointer, isWhole: Bool = false)
        throws(JSONError) -> JSONValue
    {
        var reader = JSONReader(bytes)
        reader.skipSpace()
        guard reader.position < bytes.count else { throw JSONError("EOF") }
        let value = try reader.value()
        reader.skipSpace()
        guard !isWhole || reader.position == bytes.count else {
            throw reader.unexpected("after top-level value")
        }
        return value
    }

    // MARK: Values

    private mutating func value() throws(JSONError) -> JSONValue {
        guard position < bytes.count else { throw Self.unexpectedEnd }
        switch bytes[position] {
        case UInt8(ascii: "{"):
            return try nested { reader throws(JSONError) in try reader.object() }
        case UInt8(ascii: "["): return try nested { reader throws(JSONError) in try reader.array() }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw unexpected("looking for beginning of value")
        }
    }

    private mutating func nested(
        _ body: (inout JSONReader) throws(JSONError) -> JSONValue
    ) throws(JSONError) -> JSONValue {
        guard depth < Self.maximumDepth else { throw JSONError("exceeded max depth") }
        depth += 1
        position += 1
        let value = try body(&self)
        depth -= 1
        return value
    }

    private mutating func object() throws(JSONError) -> JSONValue {
        var members: [JSONValue.Member] = []
        skipSpace()
        if take("}") { return .object(members) }
        while true {
            skipSpace()
            try expect("\"", "looking for beginning of object key string", isTaken: false)
            let name = try string()
            skipSpace()
            try expect(":", "after object key")
            skipSpace()
            members.append(JSONValue.Member(name, try value()))
            skipSpace()
            if take("}") { return .object(members) }
            try expect(",", "after object key:value pair")
        }
    }

    private mutating func array() throws(JSONError) -> JSONValue {
        var elements: [JSONValue] = []
        skipSpace()
        if take("]") { return .array(elements) }
        while true {
            skipSpace()
            elements.append(try value())
            skipSpace()
            if take("]") { return .array(elements) }
            try expect(",", "after array element")
        }
    }

    private mutating func literal(
        _ text: StaticString, _ value: JSONValue
    ) throws(JSONError) -> JSONValue {
        for index in 0..<text.utf8CodeUnitCount {
            let byte = text.utf8Start[index]
            guard position < bytes.count else { throw Self.unexpectedEnd }
            guard bytes[position] == byte else {
                let letter = Character(Unicode.Scalar(byte))
                throw unexpected("in literal \(text) (expecting '\(letter)')")
            }
            position += 1
        }
        return value
    }

    // MARK: Numbers

    private mutating func number() throws(JSONError) -> JSONValue {
        let start = position
        _ = take("-")
        if !take("0") { try digits("in numeric literal") }
        if take(".") { try digits("after decimal point in numeric literal") }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            try digits("in exponent of numeric literal")
        }
        return .number(String(decoding: bytes[start..<position], as: UTF8.self))
    }

    /// At least one.
    private mutating func digits(_ place: String) throws(JSONError) {
        guard position < bytes.count else { throw Self.unexpectedEnd }
        guard bytes[position] &- 0x30 <= 9 else { throw unexpected(place) }
        while position < bytes.count, bytes[position] &- 0x30 <= 9 { position += 1 }
    }

    // MARK: Strings

    private mutating func string() throws(JSONError) -> String {
        position += 1
        var text: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                position += 1
                try escape(into: &text)
            case 0..<0x20: throw unexpected("in string literal")
            default:
                text.append(byte)
                position += 1
            }
        }
        throw Self.unexpectedEnd
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
        guard position < bytes.count else { throw Self.unexpectedEnd }
        let byte: UInt8
        switch bytes[position] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): byte = bytes[position]
        case UInt8(ascii: "b"): byte = 0x08
        case UInt8(ascii: "f"): byte = 0x0c
        case UInt8(ascii: "n"): byte = 0x0a
        case UInt8(ascii: "r"): byte = 0x0d
        case UInt8(ascii: "t"): byte = 0x09
        case UInt8(ascii: "u"): return try unicodeEscape(into: &text)
        default: throw unexpected("in string escape code")
        }
        text.append(byte)
        position += 1
    }

    /// Two surrogates make one character; one alone is replaced.
    private mutating func unicodeEscape(into text: inout [UInt8]) throws(JSONError) {
        position += 1
        let first = try fourDigits()
        var scalar = Unicode.Scalar(first)
        if (0xd800..<0xdc00).contains(first), let second = followingLowSurrogate() {
            scalar = Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00))
            position += 6
        }
        text += Array(String(scalar ?? "\u{fffd}").utf8)
    }

    private mutating func fourDigits() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard position < bytes.count else { throw Self.unexpectedEnd }
            guard let digit = Hexadecimal.value(of: bytes[position]) else {
                throw unexpected("in \\u hexadecimal character escape")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }

    private func followingLowSurrogate() -> UInt32? {
        guard bytes.count - position >= 6, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        else { return nil }
        var value: UInt32 = 0
        for index in 2..<6 {
            guard let digit = Hexadecimal.value(of: bytes[position + index]) else { return nil }
            value = value << 4 | UInt32(digit)
        }
        return (0xdc00..<0xe000).contains(value) ? value : nil
    }

    // MARK: Bytes

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0a, 0x0d: position += 1
            default: return
            }
        }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else {
            return false
        }
        position += 1
        return true
    }

    private mutating func expect(
        _ character: Unicode.Scalar, _ place: String, isTaken: Bool = true
    ) throws(JSONError) {
        guard position < bytes.count else { throw Self.unexpectedEnd }
        guard bytes[position] == UInt8(ascii: character) else { throw unexpected(place) }
        if isTaken { position += 1 }
    }

    private static let unexpectedEnd = JSONError("unexpected EOF")

    private func unexpected(_ place: String) -> JSONError {
        let byte = bytes[position]
        let character =
            switch byte {
            case UInt8(ascii: "'"): "\\'"
            case 0x0a: "\\n"
            case 0x0d: "\\r"
            case 0x09: "\\t"
            case UInt8(ascii: "\\"): "\\\\"
            case 0x20..<0x7f, 0xa1...: String(Character(Unicode.Scalar(byte)))
            default: "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        return JSONError("invalid character '\(character)' \(place)")
    }
}
