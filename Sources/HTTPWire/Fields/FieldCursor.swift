/// Reads a field value from left to right; what does not match is not passed over.
struct FieldCursor {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    /// How many empty list elements count as a reasonable number (RFC 9110 §5.6.1.2).
    static let maximumEmptyElements = 32

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { position == bytes.count }

    /// Passes over a literal, or nothing if something else comes next.
    mutating func skip(_ literal: StaticString) -> Bool {
        skip(literal, orIn: 0)
    }

    /// Passes over a literal of small letters, whatever the case of those received.
    mutating func skipIgnoringCase(_ letters: StaticString) -> Bool {
        skip(letters, orIn: 0x20)
    }

    private mutating func skip(_ literal: StaticString, orIn caseBit: UInt8) -> Bool {
        let count = literal.utf8CodeUnitCount
        guard bytes.count - position >= count else { return false }
        for index in 0..<count where bytes[position + index] | caseBit != literal.utf8Start[index] {
            return false
        }
        position += count
        return true
    }

    /// Passes over optional whitespace, spaces and tabs (RFC 9110 §5.6.3).
    mutating func skipWhitespace() {
        _ = take { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    }

    /// Passes over the bytes that satisfy a condition, up to the first that does not.
    mutating func take(while condition: (UInt8) -> Bool) -> UnsafeRawBufferPointer {
        let start = position
        while position < bytes.count, condition(bytes[position]) { position += 1 }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<position])
    }

    /// Reads a number of exactly so many digits; at most 18, so that it cannot overflow.
    mutating func decimal(digits: Int) -> Int? {
        guard bytes.count - position >= digits else { return nil }
        let field = UnsafeRawBufferPointer(rebasing: bytes[position..<position + digits])
        guard field.allSatisfy(FieldCursor.isDigit) else { return nil }
        position += digits
        return field.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }

    /// Reads a number of any length; one past `Int.max` becomes `Int.max`.
    mutating func saturatingDecimal() -> Int? {
        let digits = take(while: FieldCursor.isDigit)
        guard !digits.isEmpty else { return nil }
        var value = 0
        for digit in digits {
            let (tens, tensOverflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, sumOverflow) = tens.addingReportingOverflow(Int(digit - UInt8(ascii: "0")))
            guard !tensOverflow, !sumOverflow else { return .max }
            value = sum
        }
        return value
    }

    /// Reads one of several names of three letters each, and returns which.
    mutating func nameIndex(in names: StaticString) -> Int? {
        guard bytes.count - position >= 3 else { return nil }
        for index in 0..<names.utf8CodeUnitCount / 3 {
            let name = UnsafeRawBufferPointer(start: names.utf8Start + 3 * index, count: 3)
            guard name.elementsEqual(bytes[position..<position + 3]) else { continue }
            position += 3
            return index
        }
        return nil
    }

    /// Reads a comma-separated list to the end of the value (RFC 9110 §5.6.1.2).
    ///
    /// Empty elements are ignored up to ``maximumEmptyElements``; whitespace may stand around each.
    ///
    /// - Parameter element: Reads one element at the cursor; false if it is malformed.
    /// - Returns: false if an element or the list is malformed; the rest is then not read.
    mutating func forEachElement(_ element: (inout FieldCursor) -> Bool) -> Bool {
        var emptyElements = skipCommas()
        while !isAtEnd, emptyElements <= FieldCursor.maximumEmptyElements {
            guard element(&self) else { return false }
            let commas = skipCommas()
            guard commas > 0 || isAtEnd else { return false }
            emptyElements += max(commas - 1, 0)
        }
        return emptyElements <= FieldCursor.maximumEmptyElements
    }

    private mutating func skipCommas() -> Int {
        var commas = 0
        skipWhitespace()
        while skip(",") {
            commas += 1
            skipWhitespace()
        }
        return commas
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
    }
}
