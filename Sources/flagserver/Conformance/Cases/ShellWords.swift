/// Words as they are typed into a shell (POSIX 2.2).
enum ShellWords {
    /// What means nothing to any shell.
    private static let plain: Set<Character> = ["-", "_", ".", "/", ":", "=", "@", "%", "+", ","]

    /// All of them, with blanks between.
    static func text(_ words: [String]) -> String {
        words.map(quoted).joined(separator: " ")
    }

    static func quoted(_ word: String) -> String {
        let isPlain = word.allSatisfy {
            $0.isASCII && ($0.isLetter || $0.isNumber) || plain.contains($0)
        }
        if isPlain, !word.isEmpty { return word }
        if isPlaceholder(word) { return word }
        return "'\(word.replacing("'", with: "'\\''"))'"
    }

    /// Braces without a comma or two points are plain to all shells that know them.
    private static func isPlaceholder(_ word: String) -> Bool {
        CommandTemplate.Place.allCases.contains { $0.rawValue == word }
    }
}
