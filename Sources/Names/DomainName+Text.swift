// Names as people write them, without the last dot: the master files of RFC 1035 §5.1.

extension DomainName: CustomStringConvertible {
    /// - Parameter text: `br.flags.test`, with or without a last dot, `*.def.dev`, or `.`: letters,
    ///   digits, hyphens and underscores, and an asterisk as the whole first label.
    /// - Throws: what is wrong with it, and what to write.
    public init(_ text: String) throws(ZoneError) {
        if text == "." {
            self = .root
            return
        }
        let whole = text.hasSuffix(".") ? text.dropLast() : text[...]
        let parts = whole.utf8.split(separator: 0x2e, omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            try Self.check(part.map(\.self), of: text, isFirst: index == 0)
        }
        guard let name = DomainName(labels: parts.map { Array($0) }) else {
            throw ZoneError("the name '\(text.prefix(80))…' is longer than 253 characters.")
        }
        self = name
    }

    private static func check(
        _ label: [UInt8], of name: String, isFirst: Bool
    ) throws(ZoneError) {
        guard !label.isEmpty else {
            throw ZoneError("'\(name)' is no name: between two dots there is nothing.")
        }
        guard label.count <= maximumLabel else {
            throw ZoneError(
                "a label of '\(name.prefix(80))' has \(label.count) bytes. It has at most "
                    + "\(maximumLabel).")
        }
        if isFirst, label == [UInt8(ascii: "*")] { return }
        guard label.allSatisfy({ $0 < 0x80 }) else {
            throw ZoneError("'\(name)' is not ASCII. Write its labels as xn--….")
        }
        guard label.allSatisfy(isUsual) else {
            throw ZoneError(
                "'\(name)' is no name: it has letters, digits, hyphens and dots, and perhaps '*.' "
                    + "at its beginning.")
        }
    }

    private static func isUsual(_ byte: UInt8) -> Bool {
        let letter = folded(byte)
        return letter &- 0x61 <= 25 || byte &- 0x30 <= 9 || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: "_")
    }

    /// `br.flags.test`; `.` for the root. Dots in labels are `\.`, bytes that cannot be read
    /// `\007`.
    public var description: String {
        if isRoot { return "." }
        var text: [UInt8] = []
        for label in labels {
            if !text.isEmpty { text.append(UInt8(ascii: ".")) }
            for byte in label { Self.append(byte, to: &text) }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func append(_ byte: UInt8, to text: inout [UInt8]) {
        let backslash = UInt8(ascii: "\\")
        if byte == UInt8(ascii: ".") || byte == backslash {
            text += [backslash, byte]
        } else if byte > 0x20, byte < 0x7f {
            text.append(byte)
        } else {
            text += [backslash, 0x30 + byte / 100, 0x30 + byte / 10 % 10, 0x30 + byte % 10]
        }
    }
}
