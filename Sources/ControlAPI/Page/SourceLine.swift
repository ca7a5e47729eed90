/// A line of the page's source without what only its readers need.
enum SourceLine {
    /// Of CSS: no blanks behind punctuation, and none before a block; `}` for `;}`.
    static func style(_ line: Substring) -> String {
        squeezed(line, hasPatterns: false) { before, after in
            "{};,:".utf8.contains(before) || after == UInt8(ascii: "{")
        }
    }

    /// Of JavaScript: no blanks but between two words and two equal signs, and those in texts;
    /// `let` for `const`, `}` for `;}`, and `x =>` for `(x) =>`. No template may be in another.
    static func script(_ line: Substring) -> String {
        squeezed(line, hasPatterns: true) { before, after in
            !(isWord(before) && isWord(after)) && !(before == after && "+-".utf8.contains(before))
        }
    }

    /// - Parameters:
    ///   - hasPatterns: whether it is JavaScript.
    ///   - isNeedless: whether a blank between two characters is.
    private static func squeezed(
        _ line: Substring, hasPatterns: Bool, _ isNeedless: (UInt8, UInt8) -> Bool
    ) -> String {
        var (text, reader) = ([UInt8](), TextReader(hasPatterns: hasPatterns))
        let bytes = Array(line.utf8) + [0]
        for (byte, after) in zip(bytes, bytes.dropFirst()) {
            if !reader.isText(byte) {
                if byte == UInt8(ascii: " "), isNeedless(text.last ?? 0, after) { continue }
                shorten(&text, before: byte, after)
            }
            text.append(byte)
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func shorten(_ text: inout [UInt8], before byte: UInt8, _ after: UInt8) {
        if byte == UInt8(ascii: "}"), text.last == UInt8(ascii: ";") { text.removeLast() }
        if !isWord(byte) { shortenConstant(&text) }
        guard byte == UInt8(ascii: "="), after == UInt8(ascii: ">"), text.last == UInt8(ascii: ")"),
            let begin = text.lastIndex(of: UInt8(ascii: "(")), begin < text.count - 2,
            text[(begin + 1)..<(text.count - 1)].allSatisfy(isWord),
            begin == 0 || !isWord(text[begin - 1])
        else { return }
        text.removeLast()
        text.remove(at: begin)
    }

    /// What is never set again may be set again.
    private static func shortenConstant(_ text: inout [UInt8]) {
        let word = Array("const".utf8)
        guard text.suffix(word.count).elementsEqual(word),
            text.count == word.count || !isWord(text[text.count - word.count - 1])
        else { return }
        text.removeLast(word.count)
        text += Array("let".utf8)
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"):
            true
        default: false
        }
    }

    /// Tells texts and patterns from the rest, byte after byte.
    private struct TextReader {
        let hasPatterns: Bool
        private var quote: UInt8?
        private var isEscaped = false
        /// Within the brackets of a pattern, where its end has no meaning.
        private var isInClass = false
        /// The last one that is no blank.
        private var last: UInt8?

        init(hasPatterns: Bool) { self.hasPatterns = hasPatterns }

        /// Whether the next byte is of a text or one of its quotes.
        mutating func isText(_ byte: UInt8) -> Bool {
            guard let quote else {
                if "\"'`".utf8.contains(byte) || byte == UInt8(ascii: "/") && beginsPattern {
                    self.quote = byte
                } else if byte != UInt8(ascii: " ") {
                    last = byte
                }
                return self.quote != nil
            }
            if isEscaped {
                isEscaped = false
            } else {
                read(byte, in: quote)
            }
            return true
        }

        private mutating func read(_ byte: UInt8, in quote: UInt8) {
            switch byte {
            case UInt8(ascii: "\\"): isEscaped = true
            case UInt8(ascii: "[") where quote == UInt8(ascii: "/"): isInClass = true
            case UInt8(ascii: "]"): isInClass = false
            case quote where !isInClass: (self.quote, last) = (nil, byte)
            default: break
            }
        }

        /// Whether a slash here divides nothing.
        private var beginsPattern: Bool {
            hasPatterns && (last.map { "(,=:[!&|?{};>".utf8.contains($0) } ?? true)
        }
    }
}
