/// Why a text is no YAML: what libyaml says of it, and what is told to people.
struct YAMLProblem: Error {
    /// `while parsing a flow mapping`; empty if there is none.
    let context: String
    let problem: String
    let mark: YAMLMark
    /// Where what `context` names begins.
    let begin: YAMLMark?
    /// The beginning of the innermost list or mapping that is not closed.
    let open: YAMLEvent?
    /// What stands before `mark` in its line.
    let lineStart: String
    /// What stands at `mark`; nil at the end of the text.
    let character: Unicode.Scalar?

    func commandLineError(_ path: String) -> CommandLineError {
        // Of these the beginning is what is wrong; libyaml finds out later.
        let isEarlier = context.contains("simple key") || context.contains("directive")
        let mark = hasTab ? markOfTab : isEarlier ? begin ?? self.mark : self.mark
        return CommandLineError(
            .configuration, words,
            at: CommandLineError.Place(path: path, line: mark.line, column: mark.column))
    }

    // MARK: In words

    private var words: String {
        if character == nil, let words = wordsOfEnd { return words }
        if problem.contains("cannot start any token") { return wordsOfCharacter }
        if hasTab {
            return "a tab neither indents nor begins another key. Use blanks, and a line for each "
                + "key."
        }
        if problem.contains("expected key"), isBehindQuotes {
            return "there is more behind the closing quote. Put the quotes around all of it."
        }
        let known = Self.table.first {
            problem.contains($0.problem) && context.contains($0.context)
        }
        let own = [context, problem].filter { !$0.isEmpty }.joined(separator: ": ") + "."
        return (known?.words ?? own).replacing("BEGIN", with: Self.place(begin))
    }

    /// nil if it is not the end that is wrong.
    private var wordsOfEnd: String? {
        if context.contains("quoted scalar") {
            return "the file ends within the quotes that begin at \(Self.place(begin))."
        }
        guard context.contains("flow"), let open else { return nil }
        let (what, close) = if case .list = open.kind { ("list", "]") } else { ("mapping", "}") }
        return "the file ends within the \(what) that begins at \(Self.place(open.mark)). "
            + "Close it with '\(close)'."
    }

    private var wordsOfCharacter: String {
        guard let character, character != "\t" else { return Self.tab }
        return "a text cannot begin with '\(character)'. Quote it."
    }

    /// Whether a key has only a tab before it where it should begin a line.
    private var hasTab: Bool {
        problem.contains("mapping values are not allowed") && lineStart.contains("\t")
    }

    private var markOfTab: YAMLMark {
        let before = lineStart.unicodeScalars.prefix { $0 != "\t" }.count
        let index = mark.index - lineStart.unicodeScalars.count + before
        return YAMLMark(index: index, line: mark.line, column: before + 1)
    }

    private var isBehindQuotes: Bool {
        let last = lineStart.last { $0 != " " && $0 != "\t" }
        return last == "\"" || last == "'"
    }

    private static func place(_ mark: YAMLMark?) -> String {
        mark.map { "\($0.line):\($0.column)" } ?? "the top"
    }

    private static let tab = "a tab cannot indent. Use blanks."

    /// By parts of libyaml's words; the first that fits holds.
    private static let table: [(problem: String, context: String, words: String)] = [
        (
            "mapping values are not allowed", "",
            "a ': ' cannot stand here. Quote a text with ': ' in it, and begin the keys of a "
                + "mapping in the same column."
        ),
        (
            "sequence entries are not allowed", "",
            "a list cannot begin here. Begin it on a line of its own."
        ),
        (
            "expected key", "",
            "expected a key of the mapping that begins at BEGIN. Begin its keys in the same column."
        ),
        (
            "expected '-' indicator", "",
            "expected '- ' as in the list that begins at BEGIN. Begin its elements in the same "
                + "column."
        ),
        ("expected ':'", "", "expected ': ' and a value after this key."),
        ("expected ',' or '}'", "", "expected ',' or '}' in the mapping that begins at BEGIN."),
        ("expected ',' or ']'", "", "expected ',' or ']' in the list that begins at BEGIN."),
        ("expected node content", "", "expected a value here."),
        ("<document start>", "", "there is more here after the end of the list or mapping."),
        ("", "alias", "an alias needs a name. Quote a text that begins with '*'."),
        ("", "anchor", "an anchor needs a name. Quote a text that begins with '&'."),
        ("tag", "", "there is no such tag. Quote a text that begins with '!'."),
        ("", "tag", "there is no such tag. Quote a text that begins with '!'."),
        ("", "directive", "a text cannot begin with '%'. Quote it."),
        ("tab character", "", Self.tab),
        (
            "escape", "quoted scalar",
            "there is no such escape. Write \\\\ for a backslash, or use single quotes."
        ),
        (
            "hexdecimal", "quoted scalar",
            "there are too few hexadecimal digits. Write \\\\ for a backslash, or use single "
                + "quotes."
        ),
        ("document indicator", "", "the quotes that begin at BEGIN are not closed."),
    ]
}
