@testable import Faults
@testable import Records

/// Patterns: one in the first line, what it is held against behind it.
enum FuzzPatterns {
    static func check(_ bytes: UnsafeRawBufferPointer) throws {
        let end = bytes.firstIndex(of: 0x0a) ?? bytes.endIndex
        let glob = String(decoding: bytes[..<end], as: UTF8.self)
        let text = Array(bytes[min(end + 1, bytes.endIndex)...])
        let pattern = TextPattern(glob: glob)
        let found = text.withUnsafeBytes { pattern.matches($0) }
        let wanted = isLike(Array(glob.utf8), text)
        try hold(found == wanted, "'\(glob)' and \(text): \(found), and it should not")
        try hold(pattern.words <= glob.utf8.count / 64 + 1, "'\(glob)' has too many words")
        if let exact = pattern.exact {
            try hold(exact.utf8.elementsEqual(glob.utf8), "'\(glob)' is not exactly itself")
        }
        try checkOthers(glob, String(decoding: text, as: UTF8.self))
    }

    /// The slow way: of each place of the pattern whether it can be reached.
    private static func isLike(_ glob: [UInt8], _ text: [UInt8]) -> Bool {
        var (place, star, mark, position) = (0, -1, 0, 0)
        while position < text.count {
            if place < glob.count, glob[place] == UInt8(ascii: "*") {
                (star, mark) = (place, position)
                place += 1
            } else if place < glob.count,
                glob[place] == UInt8(ascii: "?") || glob[place] == text[position]
            {
                (place, position) = (place + 1, position + 1)
            } else if star >= 0 {
                (place, mark) = (star + 1, mark + 1)
                position = mark
            } else {
                return false
            }
        }
        return glob[place...].allSatisfy { $0 == UInt8(ascii: "*") }
    }

    private static func checkOthers(_ glob: String, _ text: String) throws {
        let target = TextPattern(glob: glob)
        let path = String(text.prefix { $0 != "?" })
        if path.utf8.allSatisfy({ $0 < 0x80 }) {
            try hold(
                target.matches(pathOf: path) == target.matches(path),
                "'\(path)' is not its own path")
        }
        if Match.client(glob, matches: text) {
            try hold(Match.isClientPattern(glob), "'\(glob)' matches and is no pattern")
        }
        _ = StatusPattern(glob).map { $0.matches(404) }
        _ = HeaderMatch(name: glob, value: text).description
        let hint = Suggestion.nearest(to: glob, in: [text, "latency", "bandwidth"])
        try hold(hint.map { [text, "latency", "bandwidth"].contains($0) } ?? true, "a new word")
    }
}
