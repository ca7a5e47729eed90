import CTexts
import HTTPWire

/// The page as browsers get it: its files joined to one, without what only readers of the source
/// need. Made when it is first asked for.
enum PageText {
    /// Of `Sources/ControlAPI/Page/Files`.
    private enum Language: String {
        case html = ".html"
        case style = ".css"
        case script = ".js"

        /// The lines of all its files, without indentation, comments and empty ones.
        var lines: [Substring] {
            var lines: [Substring] = []
            var file = page_first()
            while let name = file.pointee.name {
                if String(cString: name).hasSuffix(rawValue) {
                    let content = UnsafeRawBufferPointer(
                        start: file.pointee.content, count: file.pointee.count)
                    lines += PageText.lines(String(decoding: content, as: UTF8.self))
                }
                file += 1
            }
            return lines
        }
    }

    private static let style = Language.style.lines.map(SourceLine.style).joined()
    private static let script = withoutLineEnds(Language.script.lines.map(SourceLine.script))

    static let bytes: [UInt8] = {
        let lines = Language.html.lines.map { line in
            switch line {
            case "<style></style>": "<style>\(style)</style>"
            case "<script></script>": "<script>\(script)</script>"
            default: String(line)
            }
        }
        return Array(lines.joined(separator: "\n").utf8)
    }()

    /// Nothing but its own style and script, and nobody may put it into a frame. Texts from the
    /// wire cannot become markup: no sink takes them.
    static let policy: String = [
        "default-src 'none'", "script-src '\(digest(script))'", "style-src '\(digest(style))'",
        "img-src 'self' data:", "connect-src 'self'", "base-uri 'none'", "form-action 'none'",
        "frame-ancestors 'none'", "require-trusted-types-for 'script'",
    ].joined(separator: "; ")

    private static func digest(_ text: String) -> String {
        "sha256-\(SHA256.base64(Array(text.utf8)))"
    }

    private static func lines(_ text: String) -> [Substring] {
        text.split(separator: "\n").map { $0.drop { $0 == " " } }.filter { line in
            !line.isEmpty && !line.hasPrefix("//") && !line.hasPrefix("/*")
        }
    }

    /// Line ends stay only where they can end a statement.
    static func withoutLineEnds(_ lines: [String]) -> String {
        var text: [UInt8] = []
        for line in lines {
            if line.hasPrefix("}") {
                if text.last == UInt8(ascii: ";") { text.removeLast() }
            } else if let last = text.last, !"{([,;}".utf8.contains(last) {
                text.append(UInt8(ascii: "\n"))
            }
            text += Array(line.utf8)
        }
        return String(decoding: text, as: UTF8.self)
    }
}
