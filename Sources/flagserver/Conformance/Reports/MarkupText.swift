import FlagSite

/// Texts of others in XML, HTML and Markdown.
enum MarkupText {
    /// In text and in attributes of XML and HTML. What XML 1.0 has no way to say becomes U+FFFD.
    static func escaped(_ text: String) -> String {
        let scalars = text.asHTML.unicodeScalars.map { scalar -> UnicodeScalar in
            switch scalar {
            case "\n", "\t", "\r": scalar
            case "\u{0}"..<" ", "\u{fffe}", "\u{ffff}": "\u{fffd}"
            default: scalar
            }
        }
        return String(String.UnicodeScalarView(scalars))
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
