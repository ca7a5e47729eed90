import TestSupport
import Testing

@testable import flagserver

/// A small seeded fuzz run: libyaml and what reads its events never trap or hang.
struct YAMLMutationTests {
    private static let corpus =
        [
            ConfigurationTests.example,
            "a: &a [1, 'b', \"c\\n\"]\nb: *a\n? k\n: |\n  block\n  text\n",
            "{\"seed\": 3, \"proxies\": [{\"name\": \"db\", \"enabled\": true}]}\n",
            "%YAML 1.1\n---\n!!map {a: !!str NO, é: >-\n  folded\n}\n...\n# end\n",
            "- - - x\n    - {y: [z]}\n-\n  k: v\n  l:\n",
        ].map { Array($0.utf8) }

    private static let pieces = [
        "\n", "\r\n", "\n\n  ", " ", "\t", ": ", ":", "- ", "? ", "[", "]", "{", "}", ",", "'",
        "\"",
        "&a ", "*a", "*a : ", "<<: ", "!!str ", "!", "!<", "|", ">", "|2-", "%", "%TAG", "---\n",
        "...\n",
        "#", "\\", "\"\\u", "\0", "\u{feff}", "\u{85}", "\u{2028}", "é", "😀", "~", "@", "`",
    ].map { Array($0.utf8) }

    private func mutated(_ generator: inout TestGenerator) -> [UInt8] {
        var bytes = generator.element(of: Self.corpus)
        for _ in 0...generator.next(below: 3) {
            let place = generator.next(below: bytes.count + 1)
            let end = min(bytes.count, place + 1 + generator.next(below: 16))
            switch generator.next(below: 6) {
            case 0, 1: bytes.insert(contentsOf: generator.element(of: Self.pieces), at: place)
            case 2: bytes.removeSubrange(place..<end)
            case 3:
                bytes.insert(contentsOf: bytes[place..<end], at: generator.next(below: place + 1))
            case 4: bytes.removeSubrange(place...)
            default: if place < bytes.count { bytes[place] ^= 1 << generator.next(below: 8) }
            }
        }
        return bytes
    }

    @Test func `each mutated text has nodes, or a mistake within it`() {
        var generator = TestGenerator(seed: 12)
        var (accepted, refused) = (0, 0)
        for _ in 0..<1500 {
            let bytes = mutated(&generator)
            do {
                _ = try ConfigurationSyntax.parse(bytes, path: "c.yaml")
                accepted += 1
            } catch let error as CommandLineError {
                refused += 1
                #expect(error.status == .configuration && error.reason.hasSuffix("."))
                #expect(isWithin(error.place, bytes), "\(error.line)")
            } catch {
                Issue.record("\(error): \(String(decoding: bytes, as: UTF8.self))")
            }
        }
        // The run is worth something only if it meets both.
        #expect(accepted > 200 && refused > 200)
    }

    /// The end is told as a line of its own.
    private func isWithin(_ place: CommandLineError.Place?, _ bytes: [UInt8]) -> Bool {
        guard let place else { return false }
        let text = String(decoding: bytes, as: UTF8.self)
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        guard lines.indices.contains(place.line - 1) else { return place.line == lines.count + 1 }
        return (1...lines[place.line - 1].unicodeScalars.count + 1).contains(place.column)
    }
}
