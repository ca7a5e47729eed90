import Faults

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
    public mutating func append(json text: String) {
        var text = text
        append(UInt8(ascii: "\""))
        text.withUTF8 { bytes in
            if bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x22 && $0 != 0x5c }) {
                append(contentsOf: bytes)
            } else {
                for byte in bytes { append(escaped: byte) }
            }
        }
        append(UInt8(ascii: "\""))
    }

    private mutating func append(escaped byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append("\\\"" as StaticString)
        case UInt8(ascii: "\\"): append("\\\\" as StaticString)
        case 0x0a: append("\\n" as StaticString)
        case 0x0d: append("\\r" as StaticString)
        case 0x09: append("\\t" as StaticString)
        case 0..<0x20:
            append("\\u00" as StaticString)
            append(byte < 0x10 ? UInt8(ascii: "0") : UInt8(ascii: "1"))
            let low = byte & 15
            append(low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "a") + low - 10)
        default: append(byte)
        }
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
