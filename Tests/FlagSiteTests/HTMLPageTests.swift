import Foundation
import Testing

@testable import FlagSite

/// The look that all pages share.
struct HTMLPageTests {
    @Test func `a page has the look in it, its own style behind that, and asks nobody for more`() {
        let page = HTMLPage.text(title: "a", style: "b { c: d; }", main: "<h1>e</h1>")
        #expect(page.contains(HTMLPage.look + "b { c: d; }\n</style>"))
        #expect(page.contains("<main>\n<h1>e</h1>\n</main>\n</body>"))
        for word in ["@import", "url(", "src=", "<link rel=\"s", "</style>\n<style"] {
            #expect(!page.contains(word), "\(word)")
        }
    }

    @Test func `the look is small, and whole`() {
        #expect(HTMLPage.look.hasPrefix("/*") && HTMLPage.look.hasSuffix("}\n"))
        #expect(HTMLPage.look.utf8.count < 4096)
    }

    /// WCAG 2.2, 1.4.3 and 1.4.11.
    @Test(arguments: ["back", "raised"], [0, 1])
    func `what is written can be read in light and in dark`(_ ground: String, _ scheme: Int) throws
    {
        for name in ["text", "faint", "accent", "good", "bad", "warn"] {
            #expect(try contrast(name, ground, scheme) >= 4.5, "\(name)")
        }
        #expect(try contrast("line", "back", scheme) >= 3)
    }

    private func contrast(_ one: String, _ other: String, _ scheme: Int) throws -> Double {
        let (a, b) = (try luminance(one, scheme), try luminance(other, scheme))
        return (max(a, b) + 0.05) / (min(a, b) + 0.05)
    }

    /// - Parameter scheme: 0 for light, 1 for dark.
    private func luminance(_ name: String, _ scheme: Int) throws -> Double {
        let start = try #require(HTMLPage.look.range(of: "--\(name): light-dark(")).upperBound
        let pair = HTMLPage.look[start...].prefix { $0 != ")" }.split(separator: ",")
        let digits = pair[scheme].drop { $0 != "#" }.dropFirst()
        let parts = stride(from: 0, to: digits.count, by: digits.count / 3).map { offset in
            String(digits.dropFirst(offset).prefix(digits.count / 3))
        }
        let linear = try parts.map { part in
            let value = try #require(Double("0x" + (part.count == 1 ? part + part : part))) / 255
            return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        }
        return zip(linear, [0.2126, 0.7152, 0.0722]).map(*).reduce(0, +)
    }
}
