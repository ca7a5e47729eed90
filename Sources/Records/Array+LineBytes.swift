public import Faults
import HTTPWire

// Lines, byte by byte: at full rate there are more than a hundred thousand a second, and a text in
// between would cost more than the bytes themselves.

extension [UInt8] {
    @inlinable @inline(__always)
    public mutating func append(_ text: StaticString) {
        append(
            contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    // MARK: Numbers

    public mutating func append(decimal value: UInt64) {
        if value < 10 { return append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value)) }
        // The longest has 20 digits.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var (rest, index) = (value, 20)
            repeat {
                index -= 1
                digits[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            append(contentsOf: UnsafeBufferPointer(rebasing: digits[index...]))
        }
    }

    /// - Parameter value: not negative, or it is written as 0.
    public mutating func append(decimal value: Int) {
        append(decimal: UInt64(Swift.max(value, 0)))
    }

    /// The last `count` decimal digits of `value`.
    mutating func append(digits count: Int, of value: UInt64) {
        var divisor: UInt64 = 1
        for _ in 1..<count { divisor *= 10 }
        while divisor > 0 {
            let digit = UInt8(truncatingIfNeeded: value / divisor % 10)
            append(UInt8(ascii: "0") + digit)
            divisor /= 10
        }
    }

    /// With one decimal, rounded down: nobody is told of more delay than there was.
    public mutating func append(milliseconds time: Nanoseconds) {
        let tenths = time / 100_000
        append(decimal: tenths / 10)
        append(UInt8(ascii: "."))
        append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: tenths % 10))
    }

    // MARK: Texts

    /// As JSON: with its quotes, and with the escapes that RFC 8259 §7 demands.
    ///
    /// - Parameter isForPages: also safe to be put into a page, as Go writes it.
    public mutating func append(json text: String, isForPages: Bool = false) {
        var text = text
        append(UInt8(ascii: "\""))
        let isPlain = text.withUTF8 { bytes in
            let isPlain = bytes.allSatisfy { $0 >= 0x20 && $0 != 0x22 && $0 != 0x5c }
            if isPlain, !isForPages { append(contentsOf: bytes) }
            return isPlain && !isForPages
        }
        if !isPlain {
            for scalar in text.unicodeScalars { append(escaped: scalar, isForPages) }
        }
        append(UInt8(ascii: "\""))
    }

    private mutating func append(escaped scalar: Unicode.Scalar, _ isForPages: Bool) {
        switch scalar {
        case "\"": append("\\\"" as StaticString)
        case "\\": append("\\\\" as StaticString)
        case "\n": append("\\n" as StaticString)
        case "\r": append("\\r" as StaticString)
        case "\t": append("\\t" as StaticString)
        case "\u{8}": append("\\b" as StaticString)
        case "\u{c}": append("\\f" as StaticString)
        case "\u{0}"..<" ": append(escape: scalar)
        case "<", ">", "&", "\u{2028}", "\u{2029}":
            if isForPages { append(escape: scalar) } else { append(contentsOf: scalar.utf8) }
        default: append(contentsOf: scalar.utf8)
        }
    }

    /// `\u001f`
    private mutating func append(escape scalar: Unicode.Scalar) {
        append("\\u" as StaticString)
        for shift in [12, 8, 4, 0] as [UInt32] {
            append(Hexadecimal.digit(UInt8(scalar.value >> shift & 15)))
        }
    }

    /// As a value of `key=value`: in quotes, with JSON's escapes, where it would be mistaken else.
    mutating func append(value text: String) {
        let start = count
        append(contentsOf: text.utf8)
        quote(from: start)
    }

    /// Puts the value that begins at `start` into quotes if it needs them: a program could not tell
    /// where it ends, or a terminal would obey it.
    mutating func quote(from start: Int) {
        let value = self[start...]
        // Behind C2 may be a control character that is not ASCII (C2 9B is CSI).
        let isPlain = value.allSatisfy {
            $0 > 0x20 && $0 != 0x22 && $0 != 0x3d && $0 != 0x5c && $0 != 0x7f && $0 != 0xc2
        }
        // A dash stands for nothing.
        guard !isPlain || value.isEmpty || value.elementsEqual("-".utf8) else { return }
        let text = String(decoding: value, as: UTF8.self)
        removeLast(count - start)
        append(UInt8(ascii: "\""))
        for scalar in text.unicodeScalars {
            let isControl = scalar.value >= 0x7f && scalar.value < 0xa0
            if isControl { append(escape: scalar) } else { append(escaped: scalar, false) }
        }
        append(UInt8(ascii: "\""))
    }

    /// On one line, and harmless to a terminal: control characters become a space, those behind
    /// ASCII too (C2 9B is CSI).
    mutating func append(printable text: String) {
        let start = count
        append(contentsOf: text.utf8)
        guard self[start...].contains(where: { Self.isControl($0) || $0 == 0xc2 }) else { return }
        let raw = Array(self[start...])
        removeLast(raw.count)
        var previous: UInt8 = 0
        for byte in raw {
            let isLate = previous == 0xc2 && byte < 0xa0
            if isLate { removeLast() }
            // A line end of two characters is one space.
            let isLineEnd = previous == 0x0d && byte == 0x0a
            previous = byte
            if isLineEnd { continue }
            append(isLate || Self.isControl(byte) ? UInt8(ascii: " ") : byte)
        }
    }

    private static func isControl(_ byte: UInt8) -> Bool { byte < 0x20 || byte == 0x7f }
}
