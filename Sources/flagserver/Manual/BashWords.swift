/// The words of a command line as shells hand them over.
enum BashWords {
    /// Where bash takes words apart (COMP_WORDBREAKS).
    static let breaks: Set<Character> = ["=", ":"]

    /// bash hands over `--seed`, `=`, `4` for what was typed as one word.
    static func joined(_ pieces: [String]) -> [String] {
        var words: [String] = []
        var isOpen = false
        for piece in pieces {
            let isBreak = !piece.isEmpty && piece.allSatisfy(breaks.contains)
            if let last = words.last, isBreak || isOpen {
                words[words.count - 1] = last + piece
            } else {
                words.append(piece)
            }
            isOpen = isBreak
        }
        return words
    }

    /// Without the quote that it begins with, and the one that may end it.
    static func unquoted(_ word: String) -> String {
        guard let quote = word.first, quote == "'" || quote == "\"" else { return word }
        let text = word.dropFirst()
        return String(text.last == quote ? text.dropLast() : text)
    }

    /// What bash leaves alone of the current word, and wants in no candidate: all up to the last
    /// place where it takes it apart, unless it is quoted.
    static func kept(of current: String) -> Int {
        guard let first = current.first, first != "'", first != "\"",
            let last = current.lastIndex(where: breaks.contains)
        else { return 0 }
        return current.distance(from: current.startIndex, to: last) + 1
    }
}
