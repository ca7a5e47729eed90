import Yams

/// YAML, and JSON with it, as nodes with places. What would take for ever is refused.
enum ConfigurationSyntax {
    /// Longest file in bytes.
    static let maximumSize = 1 << 20
    /// Most values once aliases are written out.
    static let maximumNodes = 100_000
    /// Lists and mappings within each other.
    static let maximumDepth = 64
    static let tooDeep = "lists and mappings are too deep within each other."
    /// So few aliases cannot be multiplied to much, wherever they stand.
    private static let harmlessAliases = 24

    /// - Parameter path: as it was given, for messages.
    /// - Returns: nil if there is nothing in the file.
    /// - Throws: `CommandLineError` 66 if it cannot be read, 78 if it is malformed.
    static func read(_ path: String) throws -> ConfigurationNode? {
        let bytes: [UInt8]
        do throws(WholeFile.Failure) {
            bytes = try WholeFile.read(path, maximumSize: maximumSize)
        } catch {
            throw CommandLineError(
                .missingInput, "configuration file '\(path)' cannot be read: \(error).")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandLineError(
                .configuration, "this is no UTF-8 text.", at: place(ofNonsenseIn: bytes, path))
        }
        return try parse(text, path: path)
    }

    /// Of the first line that is no UTF-8.
    private static func place(
        ofNonsenseIn bytes: [UInt8], _ path: String
    ) -> CommandLineError.Place {
        let lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
        let index = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
        return CommandLineError.Place(path: path, line: index + 1, column: 1)
    }

    static func parse(_ text: String, path: String) throws -> ConfigurationNode? {
        // Windows' editors begin a file with it.
        let text = text.hasPrefix("\u{feff}") ? String(text.unicodeScalars.dropFirst()) : text
        guard !couldUnfold(Array(text.utf8)) else {
            throw CommandLineError(
                .configuration, "a key that is made of aliases is refused.",
                at: CommandLineError.Place(path: path, line: 1, column: 1))
        }
        do {
            // Without rules for numbers and such: everything is read by what is wanted there.
            guard let root = try Yams.compose(yaml: text, .basic, .default, .utf8) else {
                return nil
            }
            var builder = ConfigurationTree(path: path)
            let node = try builder.node(root, depth: 0)
            return node.isNull ? nil : node
        } catch let error as YamlError {
            throw ConfigurationSyntaxError.commandLineError(error, path)
        }
    }

    // MARK: Aliases

    /// Whether the parser could hash a key that unfolds to very much.
    ///
    /// Aliases share what they stand for, which costs nothing until somebody walks through all of
    /// it. The parser does so with keys, to find those that stand twice.
    static func couldUnfold(_ text: [UInt8]) -> Bool {
        let aliases = text.indices.filter { isAlias(at: $0, text) }
        guard aliases.count > harmlessAliases else { return false }
        return text.indices.contains { index in
            switch text[index] {
            case UInt8(ascii: "?"): isToken(at: index, text) && isBlank(at: index + 1, text)
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                isColon(after: index + 1, text) && !isAddress(before: index, text)
            case UInt8(ascii: "*"):
                isAlias(at: index, text) && isColon(after: end(ofNameAt: index + 1, text), text)
            default: false
            }
        }
    }

    private static func isAlias(at index: Int, _ text: [UInt8]) -> Bool {
        text[index] == UInt8(ascii: "*") && isToken(at: index, text)
            && end(ofNameAt: index + 1, text) > index + 1
    }

    private static func isToken(at index: Int, _ text: [UInt8]) -> Bool {
        index == 0 || isBlank(at: index - 1, text) || "[{,:".utf8.contains(text[index - 1])
    }

    private static func isBlank(at index: Int, _ text: [UInt8]) -> Bool {
        index >= text.count || [0x20, 0x09, 0x0a, 0x0d].contains(text[index])
    }

    private static func end(ofNameAt index: Int, _ text: [UInt8]) -> Int {
        text[index...].firstIndex { byte in
            !(byte &- 0x30 <= 9 || (byte | 0x20) &- 0x61 < 26 || "-_".utf8.contains(byte))
        } ?? text.count
    }

    private static func isColon(after index: Int, _ text: [UInt8]) -> Bool {
        var index = index
        while index < text.count, isBlank(at: index, text) { index += 1 }
        return index < text.count && text[index] == UInt8(ascii: ":")
    }

    /// `[::1]:5432`, of which there may be many.
    private static func isAddress(before index: Int, _ text: [UInt8]) -> Bool {
        let inside = text[..<index].suffix(40).reversed().prefix { $0 != UInt8(ascii: "[") }
        return inside.count < 40
            && inside.allSatisfy { byte in
                byte &- 0x30 <= 9 || (byte | 0x20) &- 0x61 < 6 || ":.".utf8.contains(byte)
            } && inside.contains(UInt8(ascii: ":"))
    }
}
