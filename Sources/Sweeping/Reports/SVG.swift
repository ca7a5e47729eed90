import Records

/// Pieces of a picture's text.
enum SVG {
    /// Safe between tags and in attributes; what XML does not allow becomes a blank.
    static func escaped(_ text: String) -> String {
        text.printable.unicodeScalars.reduce(into: "") { escaped, scalar in
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            case "\u{FFFE}", "\u{FFFF}": escaped += " "
            default: escaped.unicodeScalars.append(scalar)
            }
        }
    }

    /// To the tenth of a pixel.
    static func number(_ value: Double) -> String {
        let text = Figure.fixed(value, places: 1)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    static func line(_ name: String, _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double)
        -> String
    {
        "<line class=\"\(name)\" x1=\"\(number(x1))\" y1=\"\(number(y1))\" "
            + "x2=\"\(number(x2))\" y2=\"\(number(y2))\"/>\n"
    }

    enum Anchor: String {
        case start, middle, end
    }

    static func text(
        _ text: String, _ x: Double, _ y: Double, name: String? = nil, anchor: Anchor = .start
    ) -> String {
        let name = name.map { " class=\"\($0)\"" } ?? ""
        let anchor = anchor == .start ? "" : " text-anchor=\"\(anchor.rawValue)\""
        return "<text\(name) x=\"\(number(x))\" y=\"\(number(y))\"\(anchor)>"
            + "\(escaped(text))</text>\n"
    }

    /// Nothing for fewer than two points.
    static func curve(_ name: String, _ points: [(x: Double, y: Double)]) -> String {
        guard points.count > 1 else { return "" }
        let places = points.map { "\(number($0.x)),\(number($0.y))" }
        return "<polyline class=\"\(name)\" points=\"\(places.joined(separator: " "))\"/>\n"
    }
}
