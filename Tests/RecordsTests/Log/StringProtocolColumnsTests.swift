import Testing

@testable import Records

struct StringProtocolColumnsTests {
    @Test(arguments: [("", 0), ("abc", 3), ("é→…×", 4), ("日本", 4), ("█▏◆⠔│", 5), ("🇧🇷", 4)])
    func `wide characters take two columns`(text: String, columns: Int) {
        #expect(text.columns == columns)
    }

    @Test(arguments: [
        ("abcdef", 6, "abcdef"), ("abcdef", 5, "abcd…"), ("abcdef", 1, "…"), ("abc", 0, ""),
        ("日本語", 5, "日本…"), ("日本語", 4, "日…"),
    ])
    func `what is cut ends in an ellipsis`(text: String, columns: Int, cut: String) {
        #expect(text.cut(to: columns) == cut)
    }

    @Test func `lines are broken at blanks, and long words are cut`() {
        #expect("one two three".wrapped(to: 8) == ["one two", "three"])
        #expect("one verylongword two".wrapped(to: 6) == ["one", "veryl…", "two"])
        #expect("one two".wrapped(to: nil) == ["one two"])
        #expect("one  two".wrapped(to: 8) == ["one  two"])
    }

    @Test func `blanks fill a column from either side`() {
        #expect("é".padded(to: 3) == "é  " && "é".indented(to: 3) == "  é")
        #expect("long".padded(to: 3) == "long" && "long".indented(to: 3) == "long")
    }

    @Test func `a value of a log line is quoted as the lines' own are`() {
        #expect("a b".asLogValue == "\"a b\"" && "a".asLogValue == "a" && "".asLogValue == "\"\"")
    }
}
