/// A line of a script, which can be cut into words and knows where they stand.
struct ScriptLine {
    struct Word {
        /// Without the quotes; escapes are still there.
        let text: String
        let isQuoted: Bool
        /// In bytes from the start of the line.
        let offset: Int
    }

    /// From 1.
    let number: Int
    let text: String

    private static let quote = UInt8(ascii: "\"")
    private static let backslash = UInt8(ascii: "\\")

    var isBlank: Bool { text.utf8.allSatisfy(Self.isBlank) }
    var isComment: Bool { text.utf8.first { !Self.isBlank($0) } == UInt8(ascii: "#") }

    /// What stands behind the first word, as it is, without a comment and blanks around it.
    var rest: String {
        let bytes = Array(text.utf8)
        var start = bytes.firstIndex { !Self.isBlank($0) } ?? bytes.count
        start = bytes[start...].firstIndex(where: Self.isBlank) ?? bytes.count
        var end = bytes[start...].indices.first { Self.isComment(bytes, at: $0) } ?? bytes.count
        while start < end, Self.isBlank(bytes[start]) { start += 1 }
        while end > start, Self.isBlank(bytes[end - 1]) { end -= 1 }
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    /// The first word, whatever follows; empty if there is none.
    var first: String {
        let bytes = text.utf8.drop(while: Self.isBlank).prefix { !Self.isBlank($0) }
        return String(Substring(bytes))
    }

    /// - Throws: a text that does not end, or words without a blank between them.
    func words() throws(ScriptError) -> (words: [Word], comment: String) {
        let bytes = Array(text.utf8)
        var (words, place): ([Word], Int) = ([], 0)
        while true {
            while place < bytes.count, Self.isBlank(bytes[place]) { place += 1 }
            guard place < bytes.count else { return (words, "") }
            if Self.isComment(bytes, at: place) {
                let comment = String(decoding: bytes[(place + 1)...], as: UTF8.self)
                return (words, String(comment[...].trimmed))
            }
            let start = place
            let isQuoted = bytes[start] == Self.quote
            place = isQuoted ? try endOfText(bytes, from: start) : endOfWord(bytes, from: start)
            if place < bytes.count, !Self.isBlank(bytes[place]) {
                throw error(at: place, "A blank is missing here, between two words.")
            }
            let inner = isQuoted ? start + 1..<place - 1 : start..<place
            let text = String(decoding: bytes[inner], as: UTF8.self)
            words.append(Word(text: text, isQuoted: isQuoted, offset: inner.lowerBound))
        }
    }

    func error(at offset: Int, _ message: String) -> ScriptError {
        let before = text.utf8.prefix(max(offset, 0))
        return ScriptError(
            line: number, column: String(decoding: before, as: UTF8.self).count + 1, message)
    }

    private func endOfWord(_ bytes: [UInt8], from start: Int) -> Int {
        bytes[start...].firstIndex { Self.isBlank($0) || $0 == Self.quote } ?? bytes.count
    }

    /// Behind the closing quote.
    private func endOfText(_ bytes: [UInt8], from start: Int) throws(ScriptError) -> Int {
        var place = start + 1
        while place < bytes.count {
            if bytes[place] == Self.quote { return place + 1 }
            place += bytes[place] == Self.backslash ? 2 : 1
        }
        throw error(at: start, "This text does not end. Write \" behind it, on the same line.")
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }

    /// `#` at the start of a word.
    private static func isComment(_ bytes: [UInt8], at place: Int) -> Bool {
        bytes[place] == UInt8(ascii: "#") && (place == 0 || isBlank(bytes[place - 1]))
    }
}
