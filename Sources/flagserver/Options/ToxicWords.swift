/// The words of a `--toxic`, with blanks between them.
///
/// A value may be quoted, so that blanks can stand in it: `body='slow down'`. Between double quotes
/// `\\n`, `\\t`, `\\"` and `\\\\` are what they are in JSON. A quote anywhere else is itself.
struct ToxicWords {
    private(set) var words: [String] = []
    private let text: String
    private var rest: Substring

    /// - Throws: `CommandLineError` 64 if a quote has no end, or something follows behind it.
    init(_ text: String) throws {
        (self.text, rest) = (text, text[...])
        while let first = rest.first {
            if Self.isBlank(first) { rest.removeFirst() } else { words.append(try word()) }
        }
    }

    private static func isBlank(_ character: Character) -> Bool {
        character == " " || character == "\t"
    }

    /// Up to the next blank.
    private mutating func word() throws -> String {
        var word = ""
        var canQuote = false
        while let character = rest.first, !Self.isBlank(character) {
            if canQuote, character == "'" || character == "\"" { return word + (try quoted()) }
            word.append(rest.removeFirst())
            canQuote = character == "=" && !word.dropLast().contains("=")
        }
        return word
    }

    /// What stands in quotes.
    private mutating func quoted() throws -> String {
        let quote = rest.removeFirst()
        var value = ""
        while let character = rest.popFirst() {
            if character == quote {
                guard rest.first.map(Self.isBlank) ?? true else {
                    throw OptionValues.usage(
                        "--toxic '\(text)': a blank belongs behind the second \(quote).")
                }
                return value
            }
            let isEscape = character == "\\" && quote == "\""
            try value.append(isEscape ? escaped() : character)
        }
        throw OptionValues.usage("--toxic '\(text)': there is no second \(quote).")
    }

    /// What a backslash stands for with the character behind it.
    private mutating func escaped() throws -> Character {
        switch rest.popFirst() {
        case "n"?: "\n"
        case "t"?: "\t"
        case "\""?: "\""
        case "\\"?: "\\"
        case let other:
            throw OptionValues.usage(
                "--toxic '\(text)': '\\\(other.map(String.init) ?? "")' is none of \\n, \\t, "
                    + "\\\" and \\\\.")
        }
    }
}
