import CPage

/// The page as browsers get it: its files joined to one of each kind, without what only readers of
/// the source need. No line of theirs may break within a text or a regular expression.
enum PageText: String, CaseIterable {
    case html = "page.html"
    case style = "page.css"
    case script = "page.js"

    var type: String {
        switch self {
        case .html: "text/html; charset=utf-8"
        case .style: "text/css; charset=utf-8"
        case .script: "text/javascript; charset=utf-8"
        }
    }

    var bytes: [UInt8] {
        switch self {
        case .html: Self.joinedHTML
        case .style: Self.joinedStyle
        case .script: Self.joinedScript
        }
    }

    private static let joinedHTML = html.joined { $0.joined(separator: "\n") }
    private static let joinedStyle = style.joined(withoutLineEnds)
    private static let joinedScript = script.joined(withoutLineEnds)

    /// The lines of all its files, without indentation, comments and empty ones.
    private func joined(_ join: ([Substring]) -> String) -> [UInt8] {
        let ending = rawValue.drop { $0 != "." }
        var lines: [Substring] = []
        var file = page_first()
        while let name = file.pointee.name {
            if String(cString: name).hasSuffix(ending) {
                let content = UnsafeRawBufferPointer(
                    start: file.pointee.content, count: file.pointee.count)
                lines += Self.lines(String(decoding: content, as: UTF8.self))
            }
            file += 1
        }
        return Array(join(lines).utf8)
    }

    private static func lines(_ text: String) -> [Substring] {
        text.split(separator: "\n").map { $0.drop { $0 == " " } }.filter { line in
            !line.isEmpty && !line.hasPrefix("//") && !line.hasPrefix("/*")
        }
    }

    /// Line ends stay only where they can end a statement.
    static func withoutLineEnds(_ lines: [Substring]) -> String {
        var text: [UInt8] = []
        for line in lines {
            if line.hasPrefix("}") {
                if text.last == UInt8(ascii: ";") { text.removeLast() }
            } else if let last = text.last, !"{([,;".utf8.contains(last) {
                text.append(UInt8(ascii: "\n"))
            }
            text += Array(line.utf8)
        }
        return String(decoding: text, as: UTF8.self)
    }
}
