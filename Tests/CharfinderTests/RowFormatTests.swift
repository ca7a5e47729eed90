import Testing

@testable import Charfinder

struct RowFormatTests {
    private func write(
        _ scalar: Unicode.Scalar, _ format: RowFormat, isFirst: Bool = true
    ) -> String {
        var bytes: [UInt8] = []
        format.write(scalar, isFirst: isFirst, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func `a line has code, character and name`() {
        #expect(write("9", .line) == "U+0039\t9\tDIGIT NINE\r\n")
        #expect(write("\u{1f431}", .line) == "U+1F431\t\u{1f431}\tCAT FACE\r\n")
        #expect(write("\u{e01ef}", .line).hasPrefix("U+E01EF\t\u{e01ef}\tVARIATION SELECTOR-256"))
    }

    @Test(
        arguments: [
            ("9", "9"), ("<", "&lt;"), (">", "&gt;"), ("&", "&amp;"), ("\"", "&quot;"), ("'", "'"),
            ("\u{202e}", "&#x202E;"), ("\u{2067}", "&#x2067;"), ("\u{e0001}", "&#xE0001;"),
            ("\u{a0}", "&#x00A0;"), ("\u{2028}", "&#x2028;"), ("\u{301}", "\u{25cc}\u{301}"),
            ("\u{20dd}", "\u{25cc}\u{20dd}"), ("\u{903}", "\u{25cc}\u{903}"),
        ] as [(Unicode.Scalar, String)])
    func `a row of a page cannot harm the page`(_ scalar: Unicode.Scalar, _ shown: String) {
        let name = scalar.properties.name ?? ""
        let digits = String(scalar.value, radix: 16, uppercase: true)
        let code = String(repeating: "0", count: max(4 - digits.count, 0)) + digits
        #expect(
            write(scalar, .html)
                == "<tr><td>U+\(code)</td><th>\(shown)</th><td>\(name)</td></tr>\n")
    }

    @Test(
        arguments: [
            ("9", "9"), ("\"", "\\\""), ("\\", "\\\\"), ("/", "/"), ("<", "<"), (" ", " "),
            ("\u{202e}", "\\u202E"), ("\u{2028}", "\\u2028"), ("\u{e0001}", "\\uDB40\\uDC01"),
            ("\u{301}", "\u{301}"), ("\u{1f431}", "\u{1f431}"),
        ] as [(Unicode.Scalar, String)])
    func `an object is JSON`(_ scalar: Unicode.Scalar, _ shown: String) {
        let name = scalar.properties.name ?? ""
        #expect(write(scalar, .json) == "{\"char\":\"\(shown)\",\"name\":\"\(name)\"}")
        #expect(write(scalar, .json, isFirst: false).hasPrefix(",{"))
    }
}
