import HTTPWire

// What stands behind each verb.

extension ScriptStepReader {
    typealias Word = ScriptLine.Word

    func quantity(
        _ words: inout ScriptWords, _ kind: ScriptScope.Kind, _ missing: String
    ) throws(ScriptError) -> ScriptExpression {
        let word = try words.take(missing)
        guard !word.isQuoted else { throw words.error(word, missing) }
        return try ScriptExpression(word.text, at: word.offset, kind, scope, words.line)
    }

    func text(_ words: inout ScriptWords, _ missing: String) throws(ScriptError) -> ScriptText {
        try ScriptText(try words.text(missing), scope, words.line)
    }

    func texts(
        _ words: inout ScriptWords, isNeeded: Bool
    ) throws(ScriptError) -> [ScriptText] {
        let missing = "Write a text in quotes: \(words.verb.text) \"X: y\\r\\n\"."
        var texts: [ScriptText] = []
        while words.next != nil || texts.isEmpty && isNeeded {
            texts.append(try text(&words, missing))
        }
        return texts
    }

    func begin(_ words: inout ScriptWords) throws(ScriptError) -> ScriptStep.Action {
        let choices: [(String, ScriptBeginning)] = [("accept", .accept), ("head", .head)]
        let word = try words.take("Write begin accept or begin head.")
        guard let choice = choices.first(where: { $0.0 == word.text }) else {
            throw words.error(
                word,
                "'\(word.text)' is no beginning. Write begin accept or begin head; without either "
                    + "the steps begin when the request is complete.")
        }
        return .begin(choice.1)
    }

    func ask(_ words: inout ScriptWords) throws(ScriptError) -> ScriptStep.Action {
        var (dropped, set): ([String], [ScriptText]) = ([], [])
        let form = "Write ask drop NAME or ask set \"NAME: VALUE\"."
        repeat {
            if words.skip("drop") {
                dropped.append(try name(&words).lowercased())
            } else if words.skip("set") {
                set.append(try field(&words, "set"))
            } else {
                let word = try words.take(form)
                throw words.error(word, "'\(word.text)' is neither drop nor set. \(form)")
            }
        } while words.next != nil
        return .ask(dropped: dropped, set: set)
    }

    private func name(_ words: inout ScriptWords) throws(ScriptError) -> String {
        let word = try words.take("Write the name of a field: drop Content-Length.")
        guard !word.isQuoted, word.text.utf8.allSatisfy(\.isToken) else {
            throw words.error(word, "'\(word.text)' is no name of a field. Write drop ETag.")
        }
        return word.text
    }

    /// A text that is a field line.
    private func field(
        _ words: inout ScriptWords, _ what: String
    ) throws(ScriptError) -> ScriptText {
        let word = try words.text("Write a field in quotes: \(what) \"X-Name: value\".")
        guard word.text.utf8.prefix(while: { $0 != UInt8(ascii: ":") }).count < word.text.utf8.count
        else {
            throw words.error(
                word,
                "This is no field: it has no ':'. A line as it is is written line \"…\".")
        }
        return try ScriptText(word, scope, words.line)
    }

    // MARK: Heads

    func head(_ words: inout ScriptWords) throws(ScriptError) -> ScriptHeadChanges {
        var head = ScriptHeadChanges()
        if let word = words.next, word.isQuoted {
            head.statusLine = .text(try text(&words, ""))
        } else if let word = words.next, !word.text.contains(".."), Self.isNumber(word) {
            head.statusLine = .code(try status(&words))
        }
        while let word = words.next {
            if word.isQuoted {
                throw words.error(word, "A word is missing before it: set, add, first or line.")
            }
            try readChange(&words, &head)
        }
        return head
    }

    private static func isNumber(_ word: Word) -> Bool {
        word.text.utf8.first.map { $0 &- 0x30 <= 9 || $0 == UInt8(ascii: "$") } == true
    }

    private func status(_ words: inout ScriptWords) throws(ScriptError) -> ScriptExpression {
        guard let word = words.next else { throw words.atEnd("A status is missing.") }
        let status = try quantity(&words, .count, "")
        guard status.constant.map({ 100...599 ~= $0 }) != false else {
            throw words.error(
                word,
                "\(word.text) is no status: they lie from 100 to 599. Another one can be written "
                    + "as a line: head \"HTTP/1.1 \(word.text) X\".")
        }
        return status
    }

    private func readChange(
        _ words: inout ScriptWords, _ head: inout ScriptHeadChanges
    ) throws(ScriptError) {
        if words.skip("set") {
            head.changes.append(.set(try field(&words, "set")))
        } else if words.skip("add") {
            head.changes.append(.add(try field(&words, "add")))
        } else if words.skip("drop") {
            head.changes.append(.drop(try name(&words)))
        } else if words.skip("first") {
            head.changes.append(.first(try text(&words, "Write a line in quotes: first \" X\".")))
        } else if words.skip("line") {
            head.changes.append(.add(try text(&words, "Write a line in quotes: line \"X\".")))
        } else if words.skip("ends") {
            head.ends = try text(&words, "Write what ends each line: ends \"\\n\".")
        } else if words.skip("open") {
            head.isOpen = true
        } else if let range = try range(&words) {
            head.range = range
        } else {
            let word = try words.take("")
            let all = ["set", "add", "drop", "first", "line", "ends", "open"]
            throw words.error(
                word,
                "'\(word.text)' is no change of a head.\(Suggestion.hint(for: word.text, in: all)) "
                    + "There are \(FaultError.listed(all)), and a part: ..50%.")
        }
    }

    // MARK: Bodies

    /// `50%..$at+1`; nil if something else comes.
    private func range(_ words: inout ScriptWords) throws(ScriptError) -> ScriptRange? {
        guard let word = words.next, !word.isQuoted, let dots = Self.dots(word.text) else {
            return nil
        }
        _ = words.take()
        let (from, to) = (word.text.utf8.prefix(dots), word.text.utf8.dropFirst(dots + 2))
        guard to.first != UInt8(ascii: ".") else {
            throw words.error(word, "Two points are enough: \(from).. to the end.")
        }
        var range = ScriptRange()
        if !from.isEmpty {
            range.from = try place(Substring(from), at: word.offset, words)
        }
        if !to.isEmpty {
            range.to = try place(Substring(to), at: word.offset + dots + 2, words)
        }
        return range
    }

    private static func dots(_ text: String) -> Int? {
        let bytes = Array(text.utf8)
        return bytes.indices.dropLast().first { index in
            bytes[index] == UInt8(ascii: ".") && bytes[index + 1] == UInt8(ascii: ".")
        }
    }

    private func place(
        _ text: Substring, at offset: Int, _ words: ScriptWords
    ) throws(ScriptError) -> ScriptExpression {
        try ScriptExpression(text, at: offset, .position, scope, words.line)
    }

    /// What `body` and `chunk` have in common. What is none of it is left.
    private func readPart(
        _ words: inout ScriptWords, _ part: inout ScriptPart
    ) throws(ScriptError) -> Bool {
        if words.skip("of") {
            guard words.skip("other") else {
                throw words.next.map { words.error($0, "Write of other.") }
                    ?? words.atEnd("Write of other.")
            }
            part.isOther = true
        } else if words.skip("as") {
            part.coding = try coding(&words)
        } else if words.skip("flip") {
            part.flips = try quantity(&words, .count, "Write how many bits: flip 1.")
        } else if let range = try range(&words) {
            if part.coding == nil { part.range = range } else { part.codedRange = range }
        } else {
            return false
        }
        return true
    }

    private func coding(_ words: inout ScriptWords) throws(ScriptError) -> StoredCoding {
        let all = StoredCoding.allCases.map(\.rawValue)
        let word = try words.take("Write as and one of \(FaultError.listed(all)).")
        guard let coding = StoredCoding(rawValue: word.text) else {
            throw words.error(
                word,
                "'\(word.text)' is no coding. There are \(FaultError.listed(all))."
                    + Suggestion.hint(for: word.text, in: all))
        }
        return coding
    }

    func part(_ words: inout ScriptWords) throws(ScriptError) -> ScriptPart {
        var part = ScriptPart()
        while let word = words.next {
            guard try readPart(&words, &part) else {
                throw words.error(
                    word,
                    "'\(word.text)' is no part of a body. Write as in \(Self.body).")
            }
        }
        return part
    }

    private static let body = "body ..50%, body of other, body as gzip or body flip 1"

    func chunk(_ words: inout ScriptWords) throws(ScriptError) -> ScriptStep.Action {
        var part = ScriptPart()
        var size = ScriptStep.ChunkSize.right(plus: nil)
        var (name, ends): (ScriptText?, ScriptText?) = (nil, nil)
        while let word = words.next {
            if words.skip("size") {
                size = try chunkSize(&words)
            } else if words.skip("extension") {
                name = try text(&words, "Write an extension in quotes: extension \"a=b\".")
            } else if words.skip("ends") {
                ends = try text(&words, "Write what follows the data: ends \"\".")
            } else if try !readPart(&words, &part) {
                throw words.error(
                    word,
                    "'\(word.text)' is no part of a chunk. Write size \"5\", extension \"a=b\", "
                        + "ends \"\", or what \(Self.body) has.")
            }
        }
        return .chunk(part, size, extension: name, ends: ends)
    }

    private func chunkSize(_ words: inout ScriptWords) throws(ScriptError) -> ScriptStep.ChunkSize {
        let missing = "Write a size in quotes, as it is sent, or how much too large: size +4."
        guard let word = words.next else { throw words.atEnd(missing) }
        if word.isQuoted { return .text(try text(&words, missing)) }
        guard word.text.hasPrefix("+") || word.text.hasPrefix("-") else {
            throw words.error(word, missing)
        }
        return .right(plus: try quantity(&words, .bytes, missing))
    }

    // MARK: Exactly these

    func hex(_ words: inout ScriptWords) throws(ScriptError) -> ScriptText {
        var bytes: [UInt8] = []
        let missing = "Write bytes in hexadecimal: hex 0d0a."
        repeat {
            let word = try words.take(missing)
            let digits = Array(word.text.utf8)
            if let wrong = digits.firstIndex(where: { Hexadecimal.value(of: $0) == nil }) {
                throw words.line.error(
                    at: word.offset + wrong, "This is no hexadecimal digit. \(missing)")
            }
            guard digits.count.isMultiple(of: 2) else {
                throw words.error(word, "A byte has two digits, and here are \(digits.count).")
            }
            for place in stride(from: 0, to: digits.count, by: 2) {
                let high = Hexadecimal.value(of: digits[place]) ?? 0
                bytes.append(high << 4 | (Hexadecimal.value(of: digits[place + 1]) ?? 0))
            }
        } while words.next != nil
        return ScriptText(parts: [.literal(bytes)])
    }

    func fill(_ words: inout ScriptWords) throws(ScriptError) -> ScriptStep.Action {
        let missing = "Write how many bytes and which: fill 4096 zero."
        let count = try quantity(&words, .bytes, missing)
        if words.skip("zero") { return .fill(count, .zero) }
        if words.skip("random") { return .fill(count, .random) }
        let word = try words.take(missing)
        guard word.isQuoted, !word.text.isEmpty else {
            throw words.error(
                word, "Fill with zero, random, or a text in quotes that is not empty.")
        }
        return .fill(count, .text(try ScriptText(word, scope, words.line)))
    }

    // MARK: Time

    func pace(
        _ words: inout ScriptWords
    ) throws(ScriptError) -> (bytes: ScriptExpression, every: ScriptExpression)? {
        if words.skip("off") { return nil }
        let missing = "Write how many bytes how often: pace 1B every 20ms; or pace off."
        let bytes = try quantity(&words, .bytes, missing)
        guard words.skip("every") else {
            throw words.next.map { words.error($0, missing) } ?? words.atEnd(missing)
        }
        return (bytes, try quantity(&words, .time, missing))
    }

    func loop(_ words: inout ScriptWords) throws(ScriptError) -> ScriptLoop {
        guard words.skip("forever") else {
            return .times(
                try quantity(&words, .count, "Write how often: repeat 3; or repeat forever."))
        }
        let missing =
            "A loop for ever needs both bounds: repeat forever 1MiB bytes 10s. It ends with the "
            + "first that is reached."
        let bytes = try quantity(&words, .bytes, missing)
        _ = words.skip("bytes")
        return .forever(bytes: bytes, time: try quantity(&words, .time, missing))
    }
}
