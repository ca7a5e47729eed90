/// Texts of others in XML, HTML and Markdown.
enum MarkupText {
    /// In text and in attributes of XML and HTML. What XML 1.0 has no way to say becomes U+FFFD.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            case "\n", "\t", "\r": escaped.unicodeScalars.append(scalar)
            case "\u{0}"..<" ", "\u{fffe}", "\u{ffff}": escaped += "\u{fffd}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// In a cell of a table of Markdown.
    static func cell(_ text: String) -> String {
        var cell = ""
        for character in text {
            switch character {
            case "|", "\\", "*", "_", "`", "<", "[": cell += "\\\(character)"
            case "\n", "\r", "\r\n": cell += " "
            default: cell.append(character)
            }
        }
        return cell
    }
}
