import Testing

@testable import flagserver

struct ShellWordsTests {
    @Test(arguments: [
        ("curl", "curl"), ("-fsS", "-fsS"), ("{url}", "{url}"), ("body/*", "'body/*'"),
        ("", "''"), ("it's", "'it'\\''s'"), ("a b", "'a b'"), ("$HOME", "'$HOME'"),
        ("--x={out}", "'--x={out}'"), ("body/truncate+bytes", "body/truncate+bytes"),
    ])
    func `a word is quoted where a shell would change it`(word: String, quoted: String) {
        #expect(ShellWords.quoted(word) == quoted)
    }
}
