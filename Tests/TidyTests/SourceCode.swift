/// What a file says to the compiler: comments are gone, and of texts only what is interpolated is
/// left.
struct SourceCode: Sendable {
    /// Line by line, as many as the file has.
    let lines: [String]

    init(_ lines: [Substring]) {
        var scanner = Scanner()
        self.lines = lines.map { scanner.code(of: $0) }
        names = self.lines.reduce(into: [:]) { counts, line in
            for name in Self.names(in: line) { counts[name, default: 0] += 1 }
        }
    }

    /// The names that it has, with how often each stands there.
    let names: [String: Int]

    static func names(in line: String) -> [String] {
        line.utf8.split { !isPartOfName($0) }.compactMap { String($0) }
    }

    private static func isPartOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x5f, 0x80...: true
        default: false
        }
    }

    private struct Scanner {
        /// What is open, from the outside: texts, and the code that is interpolated into them.
        private enum Context { case text(end: String), interpolation(parentheses: Int) }

        private var contexts: [Context] = []

        mutating func code(of line: Substring) -> String {
            // Most lines have nothing to be taken away.
            let isPlain = contexts.isEmpty && !line.utf8.contains { $0 == 0x22 || $0 == 0x2f }
            if isPlain { return String(line) }
            var (rest, code) = (line, "")
            while !rest.isEmpty {
                switch contexts.last {
                case .text(let end): skipText(&rest, end, &code)
                case .interpolation(let depth): interpolate(&rest, depth, &code)
                case nil: if !read(&rest, &code) { return code }
                }
            }
            // A text of one line that does not end was a pattern of a regular expression.
            while case .text(let end) = contexts.last, !end.hasPrefix("\"\"\"") {
                contexts.removeLast()
            }
            return code
        }

        /// Code of its own.
        ///
        /// - Returns: false at a comment.
        private mutating func read(_ rest: inout Substring, _ code: inout String) -> Bool {
            if rest.hasPrefix("//") { return false }
            if open(&rest) { return true }
            code.append(rest.removeFirst())
            return true
        }

        /// Opens a text: `"`, `"""`, `#"`.
        private mutating func open(_ rest: inout Substring) -> Bool {
            let hashes = rest.prefix { $0 == "#" }
            let quotes = rest.dropFirst(hashes.count).hasPrefix("\"\"\"") ? 3 : 1
            let opening = hashes + String(repeating: "\"", count: quotes)
            guard rest.hasPrefix(opening) else { return false }
            rest = rest.dropFirst(opening.count)
            contexts.append(.text(end: String(opening.reversed())))
            return true
        }

        private mutating func skipText(
            _ rest: inout Substring, _ end: String, _ code: inout String
        ) {
            let escape = "\\" + end.drop { $0 == "\"" }
            if rest.hasPrefix(end) {
                rest = rest.dropFirst(end.count)
                contexts.removeLast()
            } else if rest.hasPrefix(escape + "(") {
                rest = rest.dropFirst(escape.count + 1)
                contexts.append(.interpolation(parentheses: 1))
                code.append(" ")
            } else {
                rest = rest.dropFirst(rest.hasPrefix(escape) ? escape.count + 1 : 1)
            }
        }

        private mutating func interpolate(
            _ rest: inout Substring, _ depth: Int, _ code: inout String
        ) {
            if open(&rest) { return }
            let character = rest.removeFirst()
            let change = character == "(" ? 1 : character == ")" ? -1 : 0
            contexts.removeLast()
            if depth + change > 0 {
                contexts.append(.interpolation(parentheses: depth + change))
                code.append(character)
            } else {
                code.append(" ")
            }
        }
    }
}
