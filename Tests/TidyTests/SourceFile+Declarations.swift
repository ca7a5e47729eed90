extension SourceFile {
    /// Words in front of the one that says what is declared.
    private static let modifiers: Set = [
        "public", "open", "internal", "private", "fileprivate", "package", "final", "indirect",
        "static",
        "override", "mutating", "nonmutating", "lazy", "unowned", "weak", "required",
        "convenience", "private(set)", "internal(set)", "fileprivate(set)", "unowned(unsafe)",
        "nonisolated(unsafe)", "nonisolated", "@main", "@inline(__always)", "@inlinable",
        "@discardableResult", "@usableFromInline", "@escaping", "@frozen", "@inline(never)",
        "@Sendable", "@MainActor",
    ]
    private static let typeWords: Set = [
        "class", "struct", "enum", "protocol", "actor", "typealias",
    ]
    private static let valueWords: Set = ["func", "var", "let", "case"]

    /// What a line declares: the word that says so, and the name.
    private static func declaration(_ line: String) -> (word: String, name: String)? {
        let words = line.split(separator: " ").drop { modifiers.contains(String($0)) }
        guard let word = words.first.map(String.init), words.count > 1,
            let name = SourceCode.names(in: String(words[words.startIndex + 1])).first
        else { return nil }
        return (word, name)
    }

    /// The types that it declares outside of others.
    var types: [String] {
        code.lines.compactMap { line in
            guard !line.hasPrefix(" "), let found = Self.declaration(line),
                Self.typeWords.contains(found.word)
            else { return nil }
            return found.name
        }
    }

    /// The types that it extends.
    var extended: [String] {
        code.lines.compactMap { line in
            guard !line.hasPrefix(" "), let found = Self.declaration(line),
                found.word == "extension"
            else { return nil }
            // Of `Fault.Respond` the whole.
            let words = line.split(separator: " ").drop { $0 != "extension" }.dropFirst()
            return words.first.map { word in
                word.hasPrefix("[") ? "Array" : String(word.prefix { $0 != ":" && $0 != "{" })
            }
        }
    }

    /// All names that it declares, with the line's number, but those of overrides, which others
    /// call by the base's name, and of a command's options, which its parser fills in.
    var declarations: [(name: String, number: Int)] {
        code.lines.enumerated().compactMap { index, line in
            let above = index > 0 ? code.lines[index - 1] : ""
            let isAttribute = above.drop { $0 == " " }.hasPrefix("@")
            let isOption = above.hasSuffix(")") && (isAttribute || !above.contains("("))
            guard !line.contains("override "), !isOption, let found = Self.declaration(line),
                Self.typeWords.contains(found.word) || Self.valueWords.contains(found.word),
                found.word != "case" || Self.isDeclaration(ofCase: line)
            else { return nil }
            return (found.name, index + 1)
        }
    }

    /// Whether `case` declares one, and does not ask for it.
    static func isDeclaration(ofCase line: String) -> Bool {
        var depth = 0
        let plain = line.filter { character in
            depth += character == "(" ? 1 : character == ")" ? -1 : 0
            return depth == 0
        }
        return !plain.contains(":") && !plain.contains(".") && !plain.contains(" let ")
    }

    /// Each `switch` that has a `default`, with the names of the cases it has beside.
    var switchesWithDefault: [(number: Int, cases: [String])] {
        code.lines.indices.compactMap { start in
            let line = code.lines[start]
            let trimmed = line.drop { $0 == " " }
            guard trimmed.hasPrefix("switch ") || trimmed.contains(" switch "),
                line.hasSuffix("{")
            else { return nil }
            let indent = String(line.prefix { $0 == " " })
            let own = code.lines[(start + 1)...].prefix { $0 != "\(indent)}" }.filter {
                $0.hasPrefix("\(indent)case ") || $0.hasPrefix("\(indent)default:")
            }
            guard own.contains(where: { $0.hasPrefix("\(indent)default:") }) else { return nil }
            let cases = own.flatMap { Self.patterns($0.dropFirst(indent.count)) }
            return cases.isEmpty ? nil : (start + 1, cases)
        }
    }

    /// `case .a(let x), .b:`: a and b.
    private static func patterns(_ line: Substring) -> [String] {
        guard line.hasPrefix("case .") else { return [] }
        return line.dropFirst(5).split(separator: ",").compactMap { part in
            let part = part.drop { $0 == " " }
            return part.hasPrefix(".") ? SourceCode.names(in: String(part)).first : nil
        }
    }
}
