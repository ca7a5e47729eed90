/// Reads the words of a filter, from the left to the right, each byte at most twice.
struct QueryReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    /// - Returns: nil behind the last one.
    /// - Throws: `QueryError` for what is no word.
    mutating func next() throws(QueryError) -> QueryWord? {
        while let byte = current, Self.isBlank(byte) { position += 1 }
        guard current != nil else { return nil }
        let start = position
        var isNegated = take("-")
        let (key, comparison) = keyAndComparison(&isNegated)
        let value = try value(from: start)
        let source = source(from: start)
        guard !value.bytes.isEmpty else {
            throw QueryError(
                key == nil
                    ? "'\(source)' says not what to search for: write br, or -br for those without."
                    : "'\(source)' has no value: write it behind, without a blank.")
        }
        return QueryWord(
            source: source, isNegated: isNegated, key: key, comparison: comparison, value: value)
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard current == UInt8(ascii: scalar) else { return false }
        position += 1
        return true
    }

    /// What was read since `start`.
    private func source(from start: Int) -> String {
        String(decoding: bytes[start..<position], as: UTF8.self)
    }

    // MARK: Keys

    /// A name with `:`, `=` or a comparison at once behind it; else nothing is taken, and it is a
    /// text.
    private mutating func keyAndComparison(
        _ isNegated: inout Bool
    ) -> (key: String?, QueryComparison) {
        let first = position
        while let byte = current, Self.isOfName(byte, isFirst: position == first) { position += 1 }
        let name = String(decoding: bytes[first..<position], as: UTF8.self)
        guard !name.isEmpty, let comparison = comparison(&isNegated) else {
            position = first
            return (nil, .equal)
        }
        return (name, comparison)
    }

    private static func isOfName(_ byte: UInt8, isFirst: Bool) -> Bool {
        if (byte | 0x20) &- 0x61 < 26 || byte == UInt8(ascii: "_") { return true }
        return !isFirst && (byte &- 0x30 <= 9 || byte == UInt8(ascii: "-"))
    }

    /// - Returns: nil if there is none.
    private mutating func comparison(_ isNegated: inout Bool) -> QueryComparison? {
        if take(":") { return .equal }
        if take(">") { return take("=") ? .atLeast : .more }
        if take("<") { return take("=") ? .atMost : .less }
        if take("=") {
            // As other languages write it.
            _ = take("=")
            return .equal
        }
        guard bytes[position...].starts(with: "!=".utf8) else { return nil }
        position += 2
        isNegated.toggle()
        return .equal
    }

    // MARK: Values

    /// Up to the next blank that is not in quotes.
    private mutating func value(from start: Int) throws(QueryError) -> QueryValue {
        var value = QueryValue()
        while let byte = current, !Self.isBlank(byte) {
            position += 1
            if byte == UInt8(ascii: "\"") {
                try takeQuoted(&value, from: start)
            } else {
                value.bytes.append(.init(byte: byte, isQuoted: false))
            }
        }
        return value
    }

    /// Behind a quote, up to the next one. A backslash has the character behind it be itself.
    private mutating func takeQuoted(_ value: inout QueryValue, from start: Int) throws(QueryError)
    {
        while let byte = current {
            position += 1
            if byte == UInt8(ascii: "\"") { return }
            var quoted = byte
            if byte == UInt8(ascii: "\\"), let next = current {
                quoted = next
                position += 1
            }
            value.bytes.append(.init(byte: quoted, isQuoted: true))
        }
        throw QueryError(
            "'\(source(from: start))' has a quote without its end: write \\\" in quotes for one.")
    }
}
