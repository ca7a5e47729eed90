import Foundation

/// A Swift file of the package, as lines.
struct SourceFile: Sendable {
    /// `Sources/Faults/Toxic.swift`
    let path: String
    let lines: [Substring]
    let code: SourceCode

    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static let sources = all(below: "Sources")
    static let tests = all(below: "Tests")

    /// All Swift files below `folder`.
    private static func all(below folder: String) -> [SourceFile] {
        let base = root.appendingPathComponent(folder)
        let names = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String }
        return (names ?? []).filter { $0.hasSuffix(".swift") }.sorted().compactMap { name in
            let url = base.appendingPathComponent(name)
            guard let text = try? String(contentsOf: url, encoding: .utf8) else { return nil }
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            return SourceFile(
                path: "\(folder)/\(name)", lines: lines, code: SourceCode(lines))
        }
    }

    /// The target that a file below Sources belongs to.
    var target: String { String(path.split(separator: "/")[1]) }
    var name: String { String(path.split(separator: "/").last ?? "") }
    var folder: String { path.split(separator: "/").dropLast().joined(separator: "/") }

    /// The modules it imports.
    var imports: [String] {
        lines.compactMap { line in
            let words = line.split(separator: " ").map(String.init)
            guard let position = words.firstIndex(of: "import"),
                words[..<position].allSatisfy(Self.importModifiers.contains)
            else { return nil }
            return words.count > position + 1 ? words[position + 1] : nil
        }
    }

    private static let importModifiers: Set = [
        "public", "internal", "private", "fileprivate", "package", "@testable", "@preconcurrency",
    ]

    /// Lines of code with their numbers, comments left away.
    var numbered: [(number: Int, text: String)] {
        code.lines.enumerated().compactMap { index, text in
            text.allSatisfy(\.isWhitespace) ? nil : (index + 1, text)
        }
    }

    /// Each function with its first line and its length, by indentation.
    var functions: [(number: Int, count: Int)] {
        lines.indices.compactMap { start in
            let line = lines[start]
            let trimmed = line.drop { $0 == " " }
            let words = trimmed.prefix { $0 != "(" && $0 != "{" }.split(separator: " ")
            let isFunction = words.contains("func") || words.last == "init" || words == ["deinit"]
            guard isFunction, !trimmed.hasPrefix("//") else { return nil }
            let indent = line.count - trimmed.count
            let closing = String(repeating: " ", count: indent) + "}"
            let rest = lines[start...]
            guard let end = rest.firstIndex(where: { $0 == closing }), hasBody(start, indent)
            else { return nil }
            return (start + 1, end - start + 1)
        }
    }

    /// Whether a function opens a brace of its own: those of a protocol do not, and some open and
    /// close one on their first line.
    private func hasBody(_ start: Int, _ indent: Int) -> Bool {
        if lines[start].hasSuffix("{") { return true }
        if lines[start].hasSuffix("}") { return false }
        for line in lines[(start + 1)...] {
            let text = line.drop { $0 == " " }
            if text == "{" { return true }
            if line.count - text.count <= indent, !text.hasPrefix(")") { return false }
            if text.hasSuffix("{") { return true }
        }
        return false
    }
}
