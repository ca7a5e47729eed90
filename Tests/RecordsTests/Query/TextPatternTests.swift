import Faults
import TestSupport
import Testing

@testable import Records

struct TextPatternTests {
    @Test(arguments: [
        ("", "", true), ("", "a", false), ("*", "", true), ("**", "abc", true), ("a*", "a", true),
        ("*a", "ba", true), ("*a", "ab", false), ("a*b*c", "a-b-b-c", true), ("a?c", "abc", true),
        ("a?c", "ac", false), ("*?", "", false), ("*?", "x", true), ("a.c", "abc", false),
        ("*ab*ab*", "ab-a", false), ("é*", "éa", true), ("a", "b", false),
    ])
    func `a pattern is of all of a text`(_ glob: String, _ text: String, _ isSo: Bool) {
        #expect(TextPattern(glob: glob).matches(text) == isSo)
    }

    @Test func `a path ends with its query`() {
        #expect(TextPattern(glob: "/a").matches(pathOf: "/a?b"))
        #expect(TextPattern(glob: "/*a").matches(pathOf: "/aa?b=?"))
        #expect(!TextPattern(glob: "*b").matches(pathOf: "/a?b"))
    }

    @Test func `it agrees with the patterns of toxics, whatever is asked`() {
        var generator = TestGenerator(seed: 5)
        for _ in 0..<20_000 {
            let count = generator.next(below: 6) == 0 ? 140 : 8
            let glob = (0..<generator.next(below: count)).map { _ in
                generator.element(of: ["a", "b", "*", "?", "ab"])
            }.joined()
            let text = (0..<generator.next(below: count)).map { _ in
                generator.element(of: ["a", "b", "ab"])
            }.joined()
            let isSo = Match.glob(glob.utf8, matches: text.utf8)
            #expect(TextPattern(glob: glob).matches(text) == isSo, "\(glob) and \(text)")
        }
    }

    @Test func `texts that lie across words of bits are found`() {
        for length in [62, 63, 64, 65, 127, 128, 129, 191, 192, 255] {
            let word = String(repeating: "a", count: length - 1) + "b"
            let pattern = TextPattern(glob: "*\(word)*")
            #expect(pattern.matches("aaa\(word)a"), "\(length)")
            #expect(!pattern.matches("\(word.dropFirst())a"), "\(length)")
        }
    }
}
