import TestSupport
import Testing

@testable import Faults

struct TextPatternTests {
    @Test(arguments: [
        ("", "", true), ("", "a", false), ("*", "", true), ("**", "abc", true), ("a*", "a", true),
        ("*a", "ba", true), ("*a", "ab", false), ("a*b*c", "a-b-b-c", true), ("a?c", "abc", true),
        ("a?c", "ac", false), ("*?", "", false), ("*?", "x", true), ("a.c", "abc", false),
        ("*ab*ab*", "ab-a", false), ("é*", "éa", true), ("a", "b", false), ("a", "A", false),
        ("/flags/br/*", "/flags/br/a/b", true), ("*.gif", "a.gifx", false), ("**?", "", false),
    ])
    func `a pattern is of all of a text`(_ glob: String, _ text: String, _ isSo: Bool) {
        #expect(TextPattern(glob: glob).matches(text) == isSo)
    }

    @Test func `a path ends with its query`() {
        #expect(TextPattern(glob: "/a").matches(pathOf: "/a?b"))
        #expect(TextPattern(glob: "/*a").matches(pathOf: "/aa?b=?"))
        #expect(!TextPattern(glob: "*b").matches(pathOf: "/a?b"))
    }

    @Test func `it agrees with the definition on all short texts`() {
        let letters = Array("ab*?".utf8)
        var patterns: [[UInt8]] = [[]]
        for _ in 0..<4 { patterns += patterns.flatMap { base in letters.map { base + [$0] } } }
        var texts: [[UInt8]] = [[]]
        for _ in 0..<4 { texts += texts.flatMap { base in Array("ab".utf8).map { base + [$0] } } }
        for pattern in Set(patterns) {
            let made = TextPattern(glob: String(decoding: pattern, as: UTF8.self))
            for text in Set(texts) {
                let expected = Self.matches(pattern[...], text[...])
                let isSo = text.withUnsafeBytes { made.matches($0) }
                #expect(isSo == expected, "\(pattern) \(text)")
            }
        }
    }

    /// By the definition, exponential.
    private static func matches(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        let rest = pattern.dropFirst()
        if first == UInt8(ascii: "*") {
            return (0...text.count).contains { matches(rest, text.dropFirst($0)) }
        }
        guard let letter = text.first, first == UInt8(ascii: "?") || first == letter else {
            return false
        }
        return matches(rest, text.dropFirst())
    }

    @Test func `it agrees with going back to the last star, over several words of bits`() {
        var generator = TestGenerator(seed: 5)
        for _ in 0..<5_000 {
            let count = generator.next(below: 6) == 0 ? 140 : 8
            let glob = (0..<generator.next(below: count)).map { _ in
                generator.element(of: ["a", "b", "*", "?", "ab"])
            }.joined()
            let text = (0..<generator.next(below: count)).map { _ in
                generator.element(of: ["a", "b", "ab"])
            }.joined()
            let isSo = Self.goingBack(Array(glob.utf8), Array(text.utf8))
            #expect(TextPattern(glob: glob).matches(text) == isSo, "\(glob) and \(text)")
        }
    }

    /// In at most as many steps as pattern times text.
    private static func goingBack(_ pattern: [UInt8], _ text: [UInt8]) -> Bool {
        var (place, index) = (0, 0)
        var retry: (place: Int, index: Int)?
        while index < text.count {
            let wanted = place < pattern.count ? pattern[place] : nil
            if wanted == UInt8(ascii: "*") {
                place += 1
                retry = (place, index)
            } else if let wanted, wanted == UInt8(ascii: "?") || wanted == text[index] {
                (place, index) = (place + 1, index + 1)
            } else if let last = retry {
                (place, index) = (last.place, last.index + 1)
                retry = (place, index)
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == UInt8(ascii: "*") }
    }

    @Test func `texts that lie across words of bits are found`() {
        for length in [62, 63, 64, 65, 127, 128, 129, 191, 192, 255] {
            let word = String(repeating: "a", count: length - 1) + "b"
            let pattern = TextPattern(glob: "*\(word)*")
            #expect(pattern.matches("aaa\(word)a"), "\(length)")
            #expect(!pattern.matches("\(word.dropFirst())a"), "\(length)")
        }
    }

    @Test func `what a byte costs grows with the pattern alone`() {
        for (glob, words) in [("", 1), ("*a*", 1), (String(repeating: "*a", count: 64), 2)] {
            #expect(TextPattern(glob: glob).words == words)
        }
        #expect(TextPattern(glob: String(repeating: "?", count: 256)).words == 5)
    }
}
