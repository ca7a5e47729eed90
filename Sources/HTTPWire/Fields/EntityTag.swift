/// A validator that names one version of a representation (RFC 9110 §8.8.3).
public struct EntityTag: Equatable, Sendable, CustomStringConvertible {
    /// Whether the tag has the prefix `W/`: equal tags then mean equivalent, not equal, content.
    public var isWeak: Bool

    /// The bytes between the quotes, each 0x21, 0x23...0x7E or 0x80...0xFF.
    public var opaque: [UInt8]

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

    /// Whether If-Match or If-None-Match has a match for this tag: `*`, which any current
    /// representation matches, or a comma-separated list of tags (RFC 9110 §13.1.1, §13.1.2).
    ///
    /// - Parameters:
    ///   - value: The field value; several lines of the field joined by commas.
    ///   - weakly: Whether to use the weak comparison (§8.8.3.2) instead of the strong one.
    /// - Returns: nil if the value is malformed, even after a match, also if it has `*` beside
    ///   other elements, or more than 32 empty elements.
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
