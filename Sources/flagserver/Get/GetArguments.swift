import Faults

/// Command lines as Python's parser takes them, in the one spelling that ours takes too: `-av`,
/// `-m7`, `-m -1`, `--lim 5`, codes between options.
enum GetArguments {
    struct Word {
        /// The first is the one that is handed on.
        let names: [String]
        let letter: Character?
        let takesValue: Bool

        init(_ names: String..., letter: Character? = nil, takesValue: Bool = false) {
            (self.names, self.letter, self.takesValue) = (names, letter, takesValue)
        }

        static func value(_ names: String..., letter: Character? = nil) -> Word {
            Word(names: names, letter: letter, takesValue: true)
        }

        private init(names: [String], letter: Character?, takesValue: Bool) {
            (self.names, self.letter, self.takesValue) = (names, letter, takesValue)
        }
    }

    static let words = [
        Word("help", letter: "h"), Word("version"), Word("all", letter: "a"),
        Word("every", letter: "e"), Word("verbose", letter: "v"), Word("names"), Word("resume"),
        Word("verify"), .value("limit", letter: "l"),
        .value("max_req", "max-req", "max-concurrency", letter: "m"),
        .value("server", letter: "s"), .value("base-url"), .value("edition"), .value("dest"),
        .value("retries"), .value("backoff"), .value("timeout"), .value("json"),
        .value("fail-on"),
    ]

    /// - Parameter typed: without the program's name.
    /// - Returns: options, each with its full name and with its value behind `=`; then `--` and the
    ///   codes, if there are any.
    static func parsable(_ typed: [String]) throws(GetUsageError) -> [String] {
        var rest = typed[...]
        var (options, codes): ([String], [String]) = ([], [])
        while let word = rest.popFirst() {
            if word == "--" {
                codes += rest
                break
            }
            if word.hasPrefix("--") {
                options.append(try long(word, &rest))
            } else if isOption(word) {
                options += try short(word, &rest)
            } else {
                codes.append(word)
            }
        }
        return options + (codes.isEmpty ? [] : ["--"] + codes)
    }

    /// A dash alone is a value, and so is a negative number.
    private static func isOption(_ word: String) -> Bool {
        guard word.hasPrefix("-"), word.count > 1 else { return false }
        return !word.utf8.dropFirst().allSatisfy { $0 &- 0x30 <= 9 || $0 == UInt8(ascii: ".") }
    }

    // MARK: Long

    private static func long(
        _ word: String, _ rest: inout ArraySlice<String>
    ) throws(GetUsageError) -> String {
        let parts = word.dropFirst(2).split(
            separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let option = try option(String(parts[0]))
        let name = option.names[0]
        guard option.takesValue else {
            guard parts.count == 1 else { throw GetUsageError("--\(name) takes no value") }
            return "--\(name)"
        }
        let value = parts.count > 1 ? String(parts[1]) : try next(for: name, &rest)
        return try pair(name, value)
    }

    /// By its name, or by a beginning that no other one has.
    private static func option(_ name: String) throws(GetUsageError) -> Word {
        if let word = words.first(where: { $0.names.contains(name) }) { return word }
        let begun = words.filter { word in
            !name.isEmpty && word.names.contains { $0.hasPrefix(name) }
        }
        if begun.count == 1 { return begun[0] }
        guard begun.isEmpty else {
            let names = begun.map { "--\($0.names[0])" }.joined(separator: ", ")
            throw GetUsageError("ambiguous option: --\(name) could match \(names)")
        }
        let hint = Suggestion.hint(
            for: "--\(name)", in: words.flatMap(\.names).map { "--\($0)" })
        throw GetUsageError("unknown option '--\(name)'.\(hint)")
    }

    private static func pair(_ name: String, _ value: String) throws(GetUsageError) -> String {
        guard !value.isEmpty else { throw GetUsageError("--\(name) needs a value") }
        return "--\(name)=\(value)"
    }

    private static func next(
        for name: String, _ rest: inout ArraySlice<String>
    ) throws(GetUsageError) -> String {
        guard let next = rest.first, !isOption(next) else {
            throw GetUsageError("--\(name) needs a value")
        }
        rest.removeFirst()
        return next
    }

    // MARK: Short

    /// Letters in a row; what stands behind one that takes a value is that.
    private static func short(
        _ word: String, _ rest: inout ArraySlice<String>
    ) throws(GetUsageError) -> [String] {
        var letters = word.dropFirst()
        var options: [String] = []
        while let letter = letters.popFirst() {
            guard let option = words.first(where: { $0.letter == letter }) else {
                throw GetUsageError("unknown option '-\(letter)' in '\(word)'")
            }
            let name = option.names[0]
            guard option.takesValue else {
                options.append("--\(name)")
                continue
            }
            let attached = letters.first == "=" ? letters.dropFirst() : letters
            let value = letters.isEmpty ? try next(for: name, &rest) : String(attached)
            return options + [try pair(name, value)]
        }
        return options
    }
}
