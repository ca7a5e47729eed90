/// A comment as JavaScript has it: `//` or `/*`. Neither YAML nor JSON does, but people expect it.
struct ForeignComment {
    /// How it begins.
    private let sign: String
    /// From 1.
    private let line: Int
    /// From 1, in Unicode scalars.
    private let column: Int

    /// The first in a text, outside quotes and YAML's own comments.
    ///
    /// - Parameter last: the last line that is looked at.
    init?(in text: [UInt8], through last: Int = .max) {
        var (line, column) = (1, 0)
        var previous: Unicode.Scalar = "\n"
        var quote: Unicode.Scalar?
        let scalars = Array(String(decoding: text, as: UTF8.self).unicodeScalars)
        for (index, scalar) in scalars.enumerated() {
            column += 1
            defer { previous = scalar }
            if scalar == "\n" {
                if quote == "#" { quote = nil }
                (line, column) = (line + 1, 0)
                guard line <= last else { return nil }
                continue
            }
            guard quote == nil else {
                if scalar == quote, scalar != "\"" || previous != "\\" { quote = nil }
                continue
            }
            guard " \t\n,[{}]".unicodeScalars.contains(previous) || scalar == "\"" else { continue }
            if "\"'#".unicodeScalars.contains(scalar) { quote = scalar }
            let next = index + 1 < scalars.count ? scalars[index + 1] : "\n"
            guard scalar == "/", next == "/" || next == "*" else { continue }
            (sign, self.line, self.column) = ("/\(next)", line, column)
            return
        }
        return nil
    }

    /// Whether a text without quotes is a value with a comment behind it.
    static func isPart(of text: String) -> Bool {
        text.hasPrefix("// ") || text.hasPrefix("/* ") || text.firstRange(of: " //") != nil
            || text.firstRange(of: " /*") != nil
    }

    func error(_ path: String) -> CommandLineError {
        CommandLineError(
            .configuration,
            "'\(sign)' begins no comment. Take it out, or write '# …' for a comment; quote a text "
                + "that has it.",
            at: CommandLineError.Place(path: path, line: line, column: column))
    }
}
