import Testing

@testable import flagserver

/// What is no YAML, with the place and the words that it is told in.
@Suite struct YAMLProblemTests {
    private func line(_ text: String) -> String? {
        let error = refusal { try ConfigurationSyntax.parse(Array(text.utf8), path: "c.yaml") }
        #expect(error?.status == .configuration)
        return error?.line
    }

    @Test(arguments: [
        (
            "proxies: [",
            "2:1: error: the file ends within the list that begins at 1:10. Close it "
                + "with ']'."
        ),
        (
            "proxies: [{name: a,\n",
            "2:1: error: the file ends within the mapping that begins at "
                + "1:11. Close it with '}'."
        ),
        (
            "{\"proxies\": [{\"name\": \"a\"}",
            "2:1: error: the file ends within the list that "
                + "begins at 1:13. Close it with ']'."
        ),
        ("a: 1\nb: 'x\n", "3:1: error: the file ends within the quotes that begin at 2:4."),
        ("proxies:\n- name: a\n  list", "3:3: error: expected ': ' and a value after this key."),
    ])
    func `a text that is cut off`(text: String, message: String) {
        #expect(line(text) == "c.yaml:" + message)
    }

    private static let comment =
        "begins no comment. Take it out, or write '# …' for a comment; quote a text that has it."

    @Test(arguments: [
        ("{\"seed\": 1, // one\n \"delay\": 1}\n", "1:13: error: '//' \(comment)"),
        ("// one\n// two\n{\"seed\": 1}\n", "1:1: error: '//' \(comment)"),
        ("{\n  \"seed\": 1\n  // two\n}\n", "3:3: error: '//' \(comment)"),
        ("{\"a\": 1, /* x */ \"b\": 2}", "1:10: error: '/*' \(comment)"),
        ("a: 1\nseed: 1 // one\n", "2:9: error: '//' \(comment)"),
        ("{\"a\": \"x // y\", // z\n\"b\" 1}", "1:17: error: '//' \(comment)"),
        ("{\"a\": 'x // y', # // no\n// z\n\"b\" 1}", "2:1: error: '//' \(comment)"),
    ])
    func `comments of JavaScript`(text: String, message: String) {
        #expect(line(text) == "c.yaml:" + message)
    }

    @Test(arguments: [
        "a: http://x//y\n", "a: \"x // y\"\n", "a: 'it // is'\n", "a: //x\n", "a: /*\n",
        "a: 1 # // x\n", "a: it's\n", "{\"a\": \"\\\" // x\"}",
    ])
    func `not every slash is one`(text: String) throws {
        #expect(try ConfigurationSyntax.parse(Array(text.utf8), path: "c.yaml") != nil)
    }

    @Test(arguments: [
        (
            "seed: 1\tdelay: 2\n",
            "1:8: error: a tab neither indents nor begins another key. Use blanks, and a line for "
                + "each key."
        ),
        (
            "delay: 1\n \terror-rate: 0.2\n",
            "2:2: error: a tab neither indents nor begins another key. Use blanks, and a line for "
                + "each key."
        ),
        ("a: 1\nb:\n  - c: 1\n\td: 2\n", "4:1: error: a tab cannot indent. Use blanks."),
        ("a: 1\nb:\n  -\tc: 1\n", "3:4: error: a tab cannot indent. Use blanks."),
    ])
    func `tabs have their own place`(text: String, message: String) {
        #expect(line(text) == "c.yaml:" + message)
    }

    @Test(arguments: [
        ("seed: \"a\" b\n", "1:11"), ("seed: 1\nx: 'a' b\n", "2:8"),
    ])
    func `more behind quotes`(text: String, place: String) {
        #expect(
            line(text)
                == "c.yaml:\(place): error: there is more behind the closing quote. Put the quotes "
                + "around all of it.")
    }

    @Test(arguments: [
        ("seed: 1\ndelay: 2\nseed: 3\n", "3:1: error: 'seed' is given twice. Keep one of them."),
        (
            "{\"max-rate\":1,\n \"max_rate\":2}",
            "2:2: error: 'max_rate' is given twice. Keep one of them."
        ),
    ])
    func `a key that is twice has the place of the second`(text: String, message: String) {
        #expect(line(text) == "c.yaml:" + message)
    }

    private static let colon =
        "a ': ' cannot stand here. Quote a text with ': ' in it, and begin the keys of a mapping "
        + "in the same column."

    @Test(arguments: [
        ("a: b: c", "1:5: error: \(colon)"),
        ("a: 1\n  b: 2", "2:4: error: \(colon)"),
        (
            "- a: 1\n b: 2\n",
            "2:2: error: expected '- ' as in the list that begins at 1:1. Begin "
                + "its elements in the same column."
        ),
        (
            "a:\n  - b: 1\n - c: 2\n",
            "3:2: error: expected a key of the mapping that begins at "
                + "1:1. Begin its keys in the same column."
        ),
        ("a: 1\nb\nc: 2\n", "2:1: error: expected ': ' and a value after this key."),
        ("a: - b\n", "1:4: error: a list cannot begin here. Begin it on a line of its own."),
        ("{a: 1 b}\n{", "2:1: error: there is more here after the end of the list or mapping."),
        ("[a]\nb: 1", "2:1: error: there is more here after the end of the list or mapping."),
        ("{\"a\" 1}", "1:6: error: expected ',' or '}' in the mapping that begins at 1:1."),
        ("[\"a\" 1]", "1:6: error: expected ',' or ']' in the list that begins at 1:1."),
        ("}", "1:1: error: expected a value here."),
        ("a:\n\t- b", "2:1: error: a tab cannot indent. Use blanks."),
    ])
    func `lists and mappings`(text: String, message: String) {
        #expect(line(text) == "c.yaml:" + message)
    }

    @Test(arguments: [
        ("a: @b", "1:4: error: a text cannot begin with '@'. Quote it."),
        ("a: %25", "1:4: error: a text cannot begin with '%'. Quote it."),
        ("%25\n", "1:1: error: a text cannot begin with '%'. Quote it."),
        ("a: *", "1:5: error: an alias needs a name. Quote a text that begins with '*'."),
        ("a: & b", "1:5: error: an anchor needs a name. Quote a text that begins with '&'."),
        ("a: !b!c d", "1:4: error: there is no such tag. Quote a text that begins with '!'."),
        ("a: !<b d", "1:7: error: there is no such tag. Quote a text that begins with '!'."),
        (
            "a: \"\\q\"",
            "1:5: error: there is no such escape. Write \\\\ for a backslash, or use "
                + "single quotes."
        ),
        (
            "a: \"\\xg\"",
            "1:7: error: there are too few hexadecimal digits. Write \\\\ for a "
                + "backslash, or use single quotes."
        ),
        ("a: \"b\n---\n\"", "2:1: error: the quotes that begin at 1:4 are not closed."),
        ("seed: 1\nx: \u{1}", "2:4: error: control characters are not allowed."),
        ("seed: 1\n\0", "2:1: error: control characters are not allowed."),
        ("%YAML 2.0\n---\na", "1:1: error: found incompatible YAML document."),
    ])
    func `texts`(text: String, message: String) {
        #expect(line(text) == "c.yaml:" + message)
    }

    @Test(arguments: [
        ("é: 😀: x", "1:5"), ("\u{feff}a: b: c", "1:5"), ("a: e\u{301}: b", "1:6"),
        ("x: 1\r\na: b: c", "2:5"), ("x: 1\ra: b: c", "2:5"), ("x: 1\u{2028}a: b: c", "2:5"),
        ("\u{feff}é\u{301}\u{1}", "1:3"), ("\r\n😀\u{1}", "2:2"),
    ])
    func `columns count Unicode scalars after the byte order mark`(text: String, place: String) {
        #expect(line(text)?.hasPrefix("c.yaml:\(place): ") == true)
    }
}
