import Testing

@testable import flagserver

struct BashWordsTests {
    @Test(arguments: [
        (["--error-mode", "=", "ex"], ["--error-mode=ex"]), (["--seed", "="], ["--seed="]),
        (["--toxic", "error", ":", "lat"], ["--toxic", "error:lat"]),
        (["--toxic", "error", ":"], ["--toxic", "error:"]), ([], []), ([":"], [":"]),
        (["-q", ""], ["-q", ""]),
        (["--toxic", "'error:latency lat"], ["--toxic", "'error:latency lat"]),
        (["--toxic", "=", "db", ":", "x", "-q"], ["--toxic=db:x", "-q"]),
    ])
    func `pieces become the words that were typed`(pieces: [String], words: [String]) {
        #expect(BashWords.joined(pieces) == words)
    }

    @Test(arguments: [
        ("'error:lat", "error:lat"), ("\"a b\"", "a b"), ("plain", "plain"), ("'", ""), ("", ""),
    ])
    func `a quote at the beginning is the shell's`(word: String, text: String) {
        #expect(BashWords.unquoted(word) == text)
    }

    @Test(arguments: [
        ("--error-mode=ex", 13), ("error:", 6), ("'error:lat", 0), ("plain", 0), ("a=b:c", 4),
    ])
    func `bash keeps what stands before the last break, unless it is quoted`(
        word: String, count: Int
    ) {
        #expect(BashWords.kept(of: word) == count)
    }
}
