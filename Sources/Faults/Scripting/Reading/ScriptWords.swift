/// The words of a line, taken one by one.
struct ScriptWords {
    typealias Word = ScriptLine.Word

    let line: ScriptLine
    private var words: ArraySlice<Word>
    /// The first word: what the line does.
    let verb: Word

    /// - Returns: nil for a line without words.
    init?(_ line: ScriptLine) throws(ScriptError) {
        let words = try line.words().words
        guard let verb = words.first else { return nil }
        (self.line, self.words, self.verb) = (line, words.dropFirst(), verb)
    }

    /// The next word, without taking it.
    var next: Word? { words.first }

    mutating func take() -> Word? { words.popFirst() }

    /// Takes the next word if it is this one.
    mutating func skip(_ text: String) -> Bool {
        guard let next, !next.isQuoted, next.text == text else { return false }
        words.removeFirst()
        return true
    }

    /// - Parameter missing: what is wanted, and what to write.
    mutating func take(_ missing: @autoclosure () -> String) throws(ScriptError) -> Word {
        guard let word = words.popFirst() else { throw atEnd(missing()) }
        return word
    }

    /// A text in quotes.
    mutating func text(_ missing: @autoclosure () -> String) throws(ScriptError) -> Word {
        let word = try take(missing())
        guard word.isQuoted else { throw error(word, missing()) }
        return word
    }

    func end() throws(ScriptError) {
        guard let next else { return }
        throw error(next, "'\(next.text)' is too much here: '\(verb.text)' is complete before it.")
    }

    func error(_ word: Word, _ message: String) -> ScriptError {
        line.error(at: word.offset - (word.isQuoted ? 1 : 0), message)
    }

    func atEnd(_ message: String) -> ScriptError {
        line.error(at: line.text.utf8.count, message)
    }

    func atVerb(_ message: String) -> ScriptError { error(verb, message) }
}
