/// Reads what can be typed off the parser's own help: its other list is made by a part of
/// Foundation that is larger than all of ours, see foundation.S.
struct HelpScreen {
    /// Where what an option does begins, unless its names need more room.
    private static let column = 26

    private var lines: ArraySlice<Substring>

    /// - Parameter text: for a screen so wide that nothing is wrapped.
    init(_ text: String) {
        let all = text.split(separator: "\n", omittingEmptySubsequences: false)
        let usage = all.lastIndex { $0.hasPrefix("USAGE: ") } ?? all.startIndex
        lines = all[usage...].dropFirst()
    }

    /// Options and arguments, in their order; no subcommands.
    mutating func entries() -> [ReferenceOption] {
        var found: [ReferenceOption] = []
        var section = ""
        while let line = lines.popFirst() {
            if line.hasPrefix("  ") {
                if !["", "Subcommands"].contains(section) { found.append(entry(line, section)) }
            } else if line.hasSuffix(":") {
                section = line.prefix(1) + line.dropFirst().dropLast().lowercased()
            }
        }
        return found
    }

    private mutating func entry(_ line: Substring, _ section: String) -> ReferenceOption {
        var (label, text) = (line.prefix(Self.column), line.dropFirst(Self.column))
        let below = String(repeating: " ", count: Self.column)
        if let next = lines.first, next.hasPrefix(below) {
            (label, text) = (line, next.dropFirst(Self.column))
            lines.removeFirst()
        }
        let names = label.prefix { $0 != "<" }.split { " ,[".contains($0) }.map(String.init)
        let value = label.drop { $0 != "<" }.dropFirst().reversed().drop { $0 != ">" }.dropFirst()
        let (summary, values, standard) = Self.parts(of: String(text))
        let isPlain = ["Options", "Arguments"].contains(section)
        return ReferenceOption(
            names: names.sorted { $0.utf8.count < $1.utf8.count },
            value: value.isEmpty ? nil : String(value.reversed()), summary: summary,
            section: isPlain ? "" : section, values: values, standard: standard)
    }

    /// `Summary. (values: a, b; default: a)`
    private static func parts(of whole: String) -> (String, [String], String?) {
        let text = withoutFlag(whole)
        let (values, standard) = ("(values: ", "(default: ")
        let start = text.indices.last {
            text[$0...].hasPrefix(values) || text[$0...].hasPrefix(standard)
        }
        guard text.hasSuffix(")"), let start else { return (text, [], nil) }
        var summary = text[..<start]
        if summary.last == " " { summary.removeLast() }
        let inner = text[start...].dropLast()
        guard inner.hasPrefix(values) else {
            return (String(summary), [], String(inner.dropFirst(standard.count)))
        }
        let halves = inner.dropFirst(values.count).split(separator: "; default: ", maxSplits: 1)
        let all = (halves.first ?? "").split(separator: ", ").map(String.init)
        return (String(summary), all, halves.count > 1 ? String(halves[1]) : nil)
    }

    /// Without what an option stands for whose value was left out, which is no default.
    private static func withoutFlag(_ text: String) -> String {
        text.firstRange(of: " (default as flag: ").map { String(text[..<$0.lowerBound]) } ?? text
    }
}
