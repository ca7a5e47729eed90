/// A validator that names one version of a representation (RFC 9110 §8.8.3).
public struct EntityTag: Equatable, Sendable, CustomStringConvertible {
    /// Whether the tag has the prefix `W/`: equal tags then mean equivalent, not equal, content.
    public var isWeak: Bool

    /// The bytes between the quotes, each 0x21, 0x23...0x7E or 0x80...0xFF.
    public var opaque: [UInt8]

    /// What an If-Match or If-None-Match field lists (RFC 9110 §13.1.1, §13.1.2).
    public enum List: Equatable, Sendable {
        /// `*`, which any current representation matches.
        case any
        /// The tags in the order given; none for an empty field.
        case tags([EntityTag])
    }

    /// A strong tag.
    ///
    /// - Parameter opaque: What to put between the quotes. It must not have quotes, whitespace or
    ///   control characters, which would break the field it is sent in.
    public init(strong opaque: String) {
        self.init(isWeak: false, opaque: Array(opaque.utf8))
        precondition(self.opaque.allSatisfy(EntityTag.isOpaqueByte), "not an opaque-tag")
    }

    /// A strong tag made of the content itself, as ``EntityTagHasher`` makes it.
    public init(contentOf bytes: UnsafeRawBufferPointer) {
        var hasher = EntityTagHasher()
        hasher.update(bytes)
        self = hasher.finish()
    }

    init(isWeak: Bool, opaque: [UInt8]) {
        self.isWeak = isWeak
        self.opaque = opaque
    }

    /// The tag as a field value; bytes that are not UTF-8 become U+FFFD.
    public var description: String {
        "\(isWeak ? "W/" : "")\"\(String(decoding: opaque, as: UTF8.self))\""
    }

    /// The strong comparison: the same content, byte for byte (RFC 9110 §8.8.3.2).
    public func matchesStrongly(_ other: EntityTag) -> Bool {
        !isWeak && !other.isWeak && opaque == other.opaque
    }

    /// The weak comparison: equivalent content (RFC 9110 §8.8.3.2).
    public func matchesWeakly(_ other: EntityTag) -> Bool {
        opaque == other.opaque
    }

    /// Reads the value of If-Match or If-None-Match: `*` or a comma-separated list of tags.
    ///
    /// - Parameter value: The field value; several lines of the field joined by commas.
    /// - Returns: nil if the value is malformed, also if it has `*` beside other elements, or more
    ///   than 32 empty elements.
    public static func list(_ value: UnsafeRawBufferPointer) -> List? {
        if isAny(value) { return .any }
        var tags: [EntityTag] = []
        let isWellFormed = forEachTag(value) { tags.append(EntityTag($0)) }
        return isWellFormed ? .tags(tags) : nil
    }

    /// Reads exactly one tag, as in If-Range; nil if there is anything else in the value.
    public static func parse(_ value: UnsafeRawBufferPointer) -> EntityTag? {
        var cursor = FieldCursor(value)
        guard let tag = readTag(&cursor), cursor.isAtEnd else { return nil }
        return EntityTag(tag)
    }
}

extension EntityTag {
    /// A tag still in the field it was received in.
    private struct View {
        var isWeak: Bool
        var opaque: UnsafeRawBufferPointer
    }

    private init(_ view: View) {
        self.init(isWeak: view.isWeak, opaque: Array(view.opaque))
    }

    /// Whether a field that ``list(_:)`` reads has a match for this tag, without building the list.
    ///
    /// - Parameter weakly: Whether to use the weak comparison instead of the strong one.
    /// - Returns: nil if the field is malformed, even after a match.
    func isMatched(byList value: UnsafeRawBufferPointer, weakly: Bool) -> Bool? {
        if EntityTag.isAny(value) { return true }
        var isFound = false
        let isWellFormed = EntityTag.forEachTag(value) { tag in
            guard weakly || (!isWeak && !tag.isWeak) else { return }
            guard tag.opaque.count == opaque.count else { return }
            isFound = isFound || tag.opaque.elementsEqual(opaque)
        }
        return isWellFormed ? isFound : nil
    }

    private static func isAny(_ value: UnsafeRawBufferPointer) -> Bool {
        var cursor = FieldCursor(value)
        cursor.skipWhitespace()
        guard cursor.skip("*") else { return false }
        cursor.skipWhitespace()
        return cursor.isAtEnd
    }

    /// Calls `body` for each tag of a list; false if the list is malformed.
    private static func forEachTag(
        _ value: UnsafeRawBufferPointer, _ body: (View) -> Void
    ) -> Bool {
        var cursor = FieldCursor(value)
        return cursor.forEachElement { cursor in
            guard let tag = readTag(&cursor) else { return false }
            body(tag)
            return true
        }
    }

    private static func readTag(_ cursor: inout FieldCursor) -> View? {
        // RFC 9110 §8.8.3: weak = %s"W/", so a small "w" does not do.
        let isWeak = cursor.skip("W/")
        guard cursor.skip("\"") else { return nil }
        let opaque = cursor.take(while: isOpaqueByte)
        guard cursor.skip("\"") else { return nil }
        return View(isWeak: isWeak, opaque: opaque)
    }

    /// RFC 9110 §8.8.3: etagc = %x21 / %x23-7E / obs-text.
    private static func isOpaqueByte(_ byte: UInt8) -> Bool {
        byte == 0x21 || (0x23...0x7E).contains(byte) || byte >= 0x80
    }
}

/// Makes a strong entity-tag of content that is read in pieces.
///
/// The tag is the MurmurHash3 x64 128-bit hash of all the bytes, seed 0, as 32 small hexadecimal
/// digits, its first 64-bit half first. Where the pieces begin and end does not matter, nor does
/// the byte order of the machine. The hash tells versions of honest files apart; it is not
/// cryptographic, so somebody who writes the files can make two with the same tag.
public struct EntityTagHasher: Sendable {
    private var first: UInt64 = 0
    private var second: UInt64 = 0
    /// The last `byteCount % 16` bytes, little-endian: the first eight in `low`.
    private var low: UInt64 = 0
    private var high: UInt64 = 0
    private var byteCount: UInt64 = 0

    /// A hasher that has seen no content yet.
    public init() {}

    /// Adds the next piece of the content, which may be empty.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        var position = 0
        while byteCount % 16 != 0, position < bytes.count {
            append(bytes[position])
            position += 1
        }
        while bytes.count - position >= 16 {
            let low = bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            let high = bytes.loadUnaligned(fromByteOffset: position + 8, as: UInt64.self)
            mix(UInt64(littleEndian: low), UInt64(littleEndian: high))
            byteCount &+= 16
            position += 16
        }
        while position < bytes.count {
            append(bytes[position])
            position += 1
        }
    }

    /// The tag of the content so far; more may be added afterwards.
    public func finish() -> EntityTag {
        // An empty half scrambles to zero and so changes nothing, as the reference code has it.
        var first = first ^ EntityTagHasher.scrambleLow(low) ^ byteCount
        var second = second ^ EntityTagHasher.scrambleHigh(high) ^ byteCount
        first &+= second
        second &+= first
        first = EntityTagHasher.avalanche(first)
        second = EntityTagHasher.avalanche(second)
        first &+= second
        second &+= first
        let digits = EntityTagHasher.hexadecimal(first) + EntityTagHasher.hexadecimal(second)
        return EntityTag(isWeak: false, opaque: digits)
    }

    private mutating func append(_ byte: UInt8) {
        let offset = byteCount % 16
        if offset < 8 {
            low |= UInt64(byte) << (8 * offset)
        } else {
            high |= UInt64(byte) << (8 * (offset - 8))
        }
        byteCount &+= 1
        guard offset == 15 else { return }
        mix(low, high)
        (low, high) = (0, 0)
    }

    private mutating func mix(_ low: UInt64, _ high: UInt64) {
        first ^= EntityTagHasher.scrambleLow(low)
        first = EntityTagHasher.rotate(first, by: 27) &+ second
        first = first &* 5 &+ 0x52DC_E729
        second ^= EntityTagHasher.scrambleHigh(high)
        second = EntityTagHasher.rotate(second, by: 31) &+ first
        second = second &* 5 &+ 0x3849_5AB5
    }

    private static let firstFactor: UInt64 = 0x87C3_7B91_1142_53D5
    private static let secondFactor: UInt64 = 0x4CF5_AD43_2745_937F

    private static func scrambleLow(_ value: UInt64) -> UInt64 {
        rotate(value &* firstFactor, by: 31) &* secondFactor
    }

    private static func scrambleHigh(_ value: UInt64) -> UInt64 {
        rotate(value &* secondFactor, by: 33) &* firstFactor
    }

    private static func avalanche(_ value: UInt64) -> UInt64 {
        var value = value
        value = (value ^ (value >> 33)) &* 0xFF51_AFD7_ED55_8CCD
        value = (value ^ (value >> 33)) &* 0xC4CE_B9FE_1A85_EC53
        return value ^ (value >> 33)
    }

    private static func rotate(_ value: UInt64, by bits: UInt64) -> UInt64 {
        (value &<< bits) | (value &>> (64 &- bits))
    }

    private static func hexadecimal(_ value: UInt64) -> [UInt8] {
        (0..<16).map { index in
            let digit = UInt8(truncatingIfNeeded: value >> UInt64(60 - 4 * index)) & 0x0F
            return digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
        }
    }
}

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
