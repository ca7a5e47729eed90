import Testing

@testable import Charfinder

/// What CPython's repr() and str.strip() make of the same texts.
struct PythonTextTests {
    @Test(arguments: [
        ("digit", "'digit'"), ("jabberwocky's vest", "\"jabberwocky's vest\""),
        ("a\"b", "'a\"b'"), ("a'b\"c", "'a\\'b\"c'"), ("a\\b", "'a\\\\b'"),
        ("a\tb\r\u{7f}\u{0}", "'a\\tb\\r\\x7f\\x00'"), ("é☃😀", "'é☃😀'"),
        ("\u{a0}\u{202e}", "'\\xa0\\u202e'"), ("\u{e0001}", "'\\U000e0001'"),
        ("e\u{301}", "'e\u{301}'"), ("", "''"),
    ])
    func `a text is quoted`(_ text: String, _ quoted: String) {
        #expect(text.quotedAsPython == quoted)
    }

    @Test(arguments: [
        ("  a b \r\n", "a b"), ("\t\u{b}\u{c}\u{1c}\u{1f}\u{85}\u{a0}\u{2003}a\u{3000}", "a"),
        ("\u{3}a ", "\u{3}a"), (" \r", ""), ("", ""), ("\u{200b}", "\u{200b}"),
    ])
    func `blanks go`(_ text: String, _ stripped: String) {
        #expect(text.strippedAsPython == stripped)
    }
}
