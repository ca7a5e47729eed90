/// A value of a configuration file with its place, free of the library that parsed it.
struct ConfigurationNode {
    indirect enum Content {
        /// - Parameter isPlain: not quoted, so that YAML may read it as something else than text.
        case scalar(String, isPlain: Bool)
        case list([ConfigurationNode])
        case mapping([(key: ConfigurationNode, value: ConfigurationNode)])
    }

    let content: Content
    let place: CommandLineError.Place

    func error(_ reason: String) -> CommandLineError {
        CommandLineError(.configuration, reason, at: place)
    }

    // MARK: What it is

    private static let trueWords = ["true", "yes", "on"]
    private static let falseWords = ["false", "no", "off"]

    /// As YAML 1.1 reads it: `yes`, `NO`, `on` too, if it is not quoted.
    var boolean: Bool? {
        guard case .scalar(let text, true) = content else { return nil }
        // In three spellings: yes, Yes, YES.
        let lowered = text.lowercased()
        let isSpelledSo = [lowered, text.uppercased(), Self.capitalized(lowered)].contains(text)
        guard isSpelledSo else { return nil }
        return Self.trueWords.contains(lowered)
            ? true : Self.falseWords.contains(lowered) ? false : nil
    }

    private static func capitalized(_ text: String) -> String {
        text.prefix(1).uppercased() + text.dropFirst()
    }

    var isNull: Bool {
        guard case .scalar(let text, true) = content else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// Most characters of a text that are shown.
    private static let shownCharacters = 60

    /// What it is, in half a sentence.
    private var kind: String {
        switch content {
        case .scalar(let text, _):
            if boolean != nil { return "the Boolean \(text)" }
            if isNull { return text.isEmpty ? "nothing" : "the null value \(text)" }
            let line = text.prefix(Self.shownCharacters).prefix { !$0.isNewline }
            return "'\(line)\(line.count < text.count ? "…" : "")'"
        case .list: return "a list"
        case .mapping: return "a mapping"
        }
    }

    // MARK: What it is read as

    /// Numbers are text as they were written. What YAML reads as something else than it looks
    /// like is refused: `NO` would be false, and not Norway.
    ///
    /// - Parameter words: those that are text here nevertheless.
    func text(orPlain words: [String] = []) throws -> String {
        guard case .scalar(let text, _) = content else { throw expected("text") }
        if words.contains(text) { return text }
        guard boolean == nil else {
            throw error("expected text, found \(kind). Quote it: \"\(text)\".")
        }
        guard !isNull else {
            throw error("expected text, found \(kind). Give a value, or leave it out.")
        }
        return text
    }

    /// A scalar's text, whatever YAML would take it for; empty for a list or a mapping.
    var asWritten: String {
        guard case .scalar(let text, _) = content else { return "" }
        return text
    }

    func flag() throws -> Bool {
        guard let boolean else { throw error("expected true or false, found \(kind).") }
        return boolean
    }

    /// The elements of a list. Nothing is an empty one.
    func list() throws -> [ConfigurationNode] {
        if isNull { return [] }
        guard case .list(let elements) = content else {
            guard case .mapping = content else { throw expected("a list") }
            throw error("expected a list, found a mapping. Begin each of its elements with '- '.")
        }
        return elements
    }

    var isList: Bool {
        if case .list = content { true } else { false }
    }

    func expected(_ what: String) -> CommandLineError {
        error("expected \(what), found \(kind).")
    }
}
