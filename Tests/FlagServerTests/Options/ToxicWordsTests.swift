import Testing

@testable import flagserver

struct ToxicWordsTests {
    private func refusal(_ text: String) -> String? {
        do {
            return "\(try ToxicWords(text).words)"
        } catch {
            return (error as? CommandLineError)?.reason
        }
    }

    @Test(arguments: [
        ("", []), ("  \t ", []), ("a:b", ["a:b"]), (" a:b  c=1\td ", ["a:b", "c=1", "d"]),
        ("a b='c d' e", ["a", "b=c d", "e"]), ("a b=\"c d\"", ["a", "b=c d"]),
        ("b=''", ["b="]), ("b=\"\"", ["b="]), ("b='\"' c=\"'\"", ["b=\"", "c='"]),
        ("b=\"x\\ny\\t\\\"\\\\z\"", ["b=x\ny\t\"\\z"]), ("b='\\n'", ["b=\\n"]),
        // A quote that does not begin a value is one.
        ("name=it's 'a b'", ["name=it's", "'a", "b'"]), ("a=b='c d'", ["a=b='c", "d'"]),
        ("headers='X-A: 1=2' headers='X-B: \"q\"'", ["headers=X-A: 1=2", "headers=X-B: \"q\""]),
    ])
    func `blanks separate words but in quotes`(text: String, words: [String]) throws {
        #expect(try ToxicWords(text).words == words)
    }

    @Test func `a quote has an end, and a blank behind it`() {
        #expect(refusal("a:b c='d e") == "--toxic 'a:b c='d e': there is no second '.")
        #expect(refusal("c=\"d\\\"") == "--toxic 'c=\"d\\\"': there is no second \".")
        #expect(refusal("c='d'e") == "--toxic 'c='d'e': a blank belongs behind the second '.")
        #expect(
            refusal("c=\"\\q\"")
                == "--toxic 'c=\"\\q\"': '\\q' is none of \\n, \\t, \\\" and \\\\.")
    }
}
