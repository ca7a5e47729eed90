import Testing

@testable import flagserver

/// Which nodes a text becomes, and where they are.
@Suite struct ConfigurationTreeTests {
    private func root(_ text: String) throws -> ConfigurationNode? {
        try ConfigurationSyntax.parse(Array(text.utf8), path: "c.yaml")
    }

    private func line(_ text: String) -> String? { refusal { try root(text) }?.line }

    /// `a@1:1` for a plain text, `'a'@1:1` for another.
    private func shown(_ node: ConfigurationNode) -> String {
        let place = "\(node.place.line):\(node.place.column)"
        switch node.content {
        case .scalar(let text, let isPlain):
            return isPlain ? "\(text)@\(place)" : "'\(text)'@\(place)"
        case .list(let elements):
            return "[\(elements.map(shown).joined(separator: ", "))]@\(place)"
        case .mapping(let pairs):
            let parts = pairs.map { "\(shown($0.key)): \(shown($0.value))" }
            return "{\(parts.joined(separator: ", "))}@\(place)"
        }
    }

    @Test(arguments: [
        ("a", "a@1:1"),
        (
            "a: 1\nb:\n- x\n- y: ~\n",
            "{a@1:1: 1@1:4, b@2:1: [x@3:3, {y@4:3: ~@4:6}@4:3]@3:1}@1:1"
        ),
        ("{\"a\": [1, 'b']}", "{'a'@1:2: [1@1:8, 'b'@1:11]@1:7}@1:1"),
        ("a: |\n  b\n  c\n", "{a@1:1: 'b\nc\n'@1:4}@1:1"),
        ("a: >-\n  b\n  c\n", "{a@1:1: 'b c'@1:4}@1:1"),
        ("a:\nb:", "{a@1:1: @1:3, b@2:1: @2:3}@1:1"),
        ("? a\n: 1", "{a@1:3: 1@2:3}@1:1"),
        ("é: [😀, x]", "{é@1:1: [😀@1:5, x@1:8]@1:4}@1:1"),
        ("\u{feff}a: 1\r\nb: 2\r\n", "{a@1:1: 1@1:4, b@2:1: 2@2:4}@1:1"),
        ("%YAML 1.1\n---\na\n...\n", "a@3:1"), ("a: \"\\0\\u00e9\"", "{a@1:1: '\0é'@1:4}@1:1"),
    ])
    func `places and kinds`(text: String, expected: String) throws {
        #expect(try root(text).map(shown) == expected)
    }

    @Test(arguments: [
        ("!!str NO", "'NO'@1:1"), ("! NO", "NO@1:1"), ("!!int 3", "3@1:1"), ("!own x", "x@1:1"),
        ("!!seq [a]", "[a@1:8]@1:1"),
    ])
    func `of all tags only that of text says something`(text: String, expected: String) throws {
        #expect(try root(text).map(shown) == expected)
    }

    @Test(arguments: ["", "\n", "# a\n", "---\n", "--- # a\n...\n", "~", "null", "\u{feff}"])
    func `nothing`(text: String) throws {
        #expect(try root(text) == nil)
    }

    // MARK: Aliases

    @Test(
        arguments: [
            ("[&a x, *a]", "[x@1:2, x@1:2]@1:1"), ("[&a x, &a y, *a]", "[x@1:2, y@1:8, y@1:8]@1:1"),
            ("{a: &k [1], *k2: 2}", nil), ("&k a: b\n*k : c", nil),
            ("[&a [&b x], [*a, *b]]", "[[x@1:6]@1:2, [[x@1:6]@1:2, x@1:6]@1:13]@1:1"),
        ] as [(String, String?)])
    func `an alias is what it stands for, with its place`(text: String, expected: String?) throws {
        guard let expected else {
            #expect(refusal { try root(text) } != nil)
            return
        }
        #expect(try root(text).map(shown) == expected)
    }

    @Test(arguments: [("[*a, &a x]", "1:2"), ("&a [*a]", "1:5"), ("x: *a", "1:4")])
    func `an alias before its anchor, or within it`(text: String, place: String) {
        #expect(
            line(text)
                == "c.yaml:\(place): error: there is no '&a' above that '*a' could stand for. "
                + "Quote a text that begins with '*'.")
    }

    // MARK: Keys

    @Test(arguments: [
        ("a: 1\nb: 2\na: 3\nb: 4", "3:1", "a"), ("{a: 1, 'a': 2}", "1:8", "a"),
        ("x:\n- {a-b: 1, a_b: 2}", "2:12", "a_b"), ("{418: 1, 418: 2}", "1:10", "418"),
        ("<<: 1\n<<: 2", "2:1", "<<"),
    ])
    func `a key that stands twice is told where it stands again`(
        text: String, place: String, key: String
    ) {
        #expect(
            line(text) == "c.yaml:\(place): error: '\(key)' is given twice. Keep one of them.")
    }

    @Test func `the same key may stand in two mappings`() throws {
        #expect(try root("[{a: 1}, {a: {a: 1}}]") != nil)
    }

    @Test(arguments: [
        ("? [a]\n: 1", "1:3", "a list"), ("{{a: 1}: 2}", "1:2", "a mapping"),
        ("a: &k [1]\n*k : 2", "1:4", "a list"),
    ])
    func `only text is a key`(text: String, place: String, what: String) {
        #expect(line(text) == "c.yaml:\(place): error: expected a key, found \(what).")
    }

    @Test(arguments: [("a\n---\nb", "2:1"), ("---\n---\n", "2:1"), ("a\n...\n---\n", "3:1")])
    func `a second document is told where it begins`(text: String, place: String) {
        #expect(
            line(text)
                == "c.yaml:\(place): error: there are several documents in this file. Keep one.")
    }

    // MARK: Bounds

    @Test func `lists and mappings within each other`() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + "x" + String(repeating: "]", count: depth)
        }
        let limit = ConfigurationSyntax.maximumDepth
        #expect(try root(nested(limit)) != nil)
        let words = "error: lists and mappings are too deep within each other."
        #expect(line(nested(limit + 1)) == "c.yaml:1:\(limit + 2): \(words)")
        let half = "[&a \(nested(limit / 2)), "
        #expect(
            try root(
                half + "[" + String(repeating: "[", count: limit / 2 - 2) + "*a"
                    + String(repeating: "]", count: limit / 2 - 1) + "]") != nil)
        #expect(
            line(
                half + "[" + String(repeating: "[", count: limit / 2 - 1) + "*a"
                    + String(repeating: "]", count: limit / 2) + "]")?.hasSuffix(words) == true)
    }

    @Test func `a long text is counted as several, so that aliases cannot multiply it`() throws {
        let long = String(repeating: "x", count: 640_000)
        #expect(try root("[&a \(long), *a]") != nil)
        let many = "[&a \(long)" + String(repeating: ", *a", count: 10) + "]"
        #expect(line(many)?.contains("there are more than 100000 values") == true)
    }

    @Test func `values are counted with aliases written out`() throws {
        // A list with its values and 99 aliases of it, within a list: 100 × (values + 1) + 1.
        func text(_ first: Int) -> String {
            let list = Array(repeating: "x", count: first).joined(separator: ",")
            return "[&a [\(list)]" + String(repeating: ",*a", count: 99) + "]"
        }
        #expect(try root(text(998)) != nil)
        #expect(
            line(text(999))
                == "c.yaml:1:2299: error: there are more than 100000 values, aliases written out "
                + "and long texts counted as several.")
    }
}
