/// Reads the text of a script, line by line: a header, steps, and perhaps variants of them.
struct ScriptReader {
    /// A variant, or all of a script without.
    struct Block {
        /// nil for a script without variants.
        let variant: String?
        let header: ScriptHeader
        let steps: [ScriptStep]
    }

    static let mostVariants = 256

    private let lines: [ScriptLine]
    private var place = 0

    private init(_ text: String) {
        let parts = text.utf8.split(separator: 0x0a, omittingEmptySubsequences: false)
        lines = parts.enumerated().map { index, part in
            let line = part.last == 0x0d ? part.dropLast() : part
            return ScriptLine(number: index + 1, text: String(Substring(line)))
        }
    }

    static func read(_ text: String) throws(ScriptError) -> [Block] {
        guard text.utf8.count <= Script.maximumText else {
            throw ScriptError(
                line: 1, column: 1,
                "The script has \(text.utf8.count) bytes. It may have \(Script.maximumText): what "
                    + "is long can be repeated with 'repeat' and 'fill'.")
        }
        var reader = ScriptReader(text)
        if let line = reader.lines.first(where: { $0.text.utf8.contains(0) }) {
            let offset = line.text.utf8.prefix { $0 != 0 }.count
            throw line.error(at: offset, "This is not text: it has a NUL. In a text it is \\0.")
        }
        return try reader.blocks()
    }

    private mutating func blocks() throws(ScriptError) -> [Block] {
        var header = ScriptHeader()
        header.sentence = try sentence()
        try readHeader(&header)
        guard peek()?.first == ScriptHeader.Keyword.variant.rawValue else {
            return [Block(variant: nil, header: header, steps: try steps(header))]
        }
        var blocks: [Block] = []
        while let line = peek(), line.first == ScriptHeader.Keyword.variant.rawValue {
            place += 1
            var own = header
            let name = try variant(line, blocks, &own)
            try readHeader(&own)
            blocks.append(Block(variant: name, header: own, steps: try steps(own)))
        }
        return blocks
    }

    /// The next line that says something, which is not taken.
    private mutating func peek() -> ScriptLine? {
        while place < lines.count, lines[place].isBlank || lines[place].isComment { place += 1 }
        return place < lines.count ? lines[place] : nil
    }

    private mutating func sentence() throws(ScriptError) -> String {
        guard let line = peek() else {
            throw ScriptError(line: 1, column: 1, "The script is empty. \(Self.shape)")
        }
        let first = line.first
        if ScriptVerb(rawValue: first) != nil || ScriptHeader.Keyword(rawValue: first) != nil {
            throw line.error(
                at: 0, "The first line says in a sentence what the script does. \(Self.shape)")
        }
        place += 1
        return String(line.text.replacing("\t", with: " ")[...].trimmed)
    }

    private static let shape =
        "Write a sentence for people, an empty line, and the steps below it."

    /// Up to the empty line behind it.
    private mutating func readHeader(_ header: inout ScriptHeader) throws(ScriptError) {
        while place < lines.count, !lines[place].isBlank {
            let line = lines[place]
            if line.first == ScriptHeader.Keyword.variant.rawValue { return }
            place += 1
            if line.isComment { continue }
            guard let keyword = ScriptHeader.Keyword(rawValue: line.first) else {
                throw Self.notOfHeader(line)
            }
            try header.read(keyword, line)
        }
    }

    private static func notOfHeader(_ line: ScriptLine) -> ScriptError {
        let start = line.text.utf8.prefix { $0 == 0x20 || $0 == 0x09 }.count
        let word = line.first
        if ScriptVerb(rawValue: word) != nil {
            return line.error(
                at: start, "'\(word)' is a step. An empty line stands before the steps.")
        }
        let all = ScriptHeader.Keyword.allCases.map(\.rawValue)
        return line.error(
            at: start,
            "A header has no '\(word)'. It has \(FaultError.listed(all))."
                + Suggestion.hint(for: word, in: all))
    }

    private func variant(
        _ line: ScriptLine, _ before: [Block], _ header: inout ScriptHeader
    ) throws(ScriptError) -> String {
        let words = line.rest.split(separator: " ", maxSplits: 1)
        let place = line.text.utf8.count - line.text.utf8.reversed().prefix { $0 == 0x20 }.count
        guard let name = words.first.map(String.init) else {
            throw line.error(at: place, "Write variant and a name.")
        }
        let isName = name.utf8.allSatisfy {
            $0 &- 0x30 <= 9 || $0 &- UInt8(ascii: "a") < 26 || $0 == UInt8(ascii: "-")
        }
        guard isName, name.utf8.count <= 64 else {
            throw line.error(
                at: line.first.utf8.count + 1,
                "'\(name)' is no name of a variant. It has small letters, digits and '-'.")
        }
        guard !before.contains(where: { $0.variant == name }) else {
            throw line.error(
                at: line.first.utf8.count + 1, "The variant '\(name)' is there already.")
        }
        guard before.count < Self.mostVariants else {
            throw line.error(at: 0, "A script has at most \(Self.mostVariants) variants.")
        }
        header.beginVariant(isFirst: before.isEmpty)
        if words.count > 1 { header.sentence = String(words[1].trimmed) }
        return name
    }

    private mutating func steps(_ header: ScriptHeader) throws(ScriptError) -> [ScriptStep] {
        var reader = ScriptStepReader(header.scope)
        while let line = peek(), line.first != ScriptHeader.Keyword.variant.rawValue {
            place += 1
            try reader.read(line)
        }
        let last = lines[min(place, lines.count) - 1]
        return try reader.end(last)
    }
}
