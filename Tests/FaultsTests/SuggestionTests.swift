import Testing

@testable import Faults

struct SuggestionTests {
    @Test(arguments: [
        ("latancy", ["bandwidth", "latency", "respond"], "latency"),
        ("fixture", ["flags", "fixtures"], "fixtures"), ("local", ["delay", "local"], "local"),
        ("eror", ["local", "delay", "error"], "error"), ("errror", ["local", "error"], "error"),
        ("l", ["", "ab", "x"], ""), ("", ["ab", "x"], "x"),
        ("premature_fn", ["PREMATURE_FIN"], "PREMATURE_FIN"), ("AB", ["cd", "ab"], "ab"),
    ])
    func `a slip finds its word`(word: String, candidates: [String], nearest: String) {
        #expect(Suggestion.nearest(to: word, in: candidates) == nearest)
    }

    @Test(arguments: [
        ("web", ["local", "delay", "error"]), ("", ["local"]), ("local", []), ("ab", ["cd"]),
        ("chaos", ["local", "delay", "error"]),
    ])
    func `what is near to nothing gets no suggestion`(word: String, candidates: [String]) {
        #expect(Suggestion.nearest(to: word, in: candidates) == nil)
    }

    @Test func `the nearest of several is taken, and the first of equals`() {
        #expect(Suggestion.nearest(to: "aaaaaa", in: ["aaaabb", "aaaaab"]) == "aaaaab")
        #expect(Suggestion.nearest(to: "aaa", in: ["aab", "baa"]) == "aab")
    }

    @Test func `a letter of several scalars is one letter`() {
        #expect(Suggestion.nearest(to: "e\u{301}", in: ["é"]) == "é")
        #expect(Suggestion.nearest(to: "👩‍👩‍👧", in: ["x"]) == "x")
    }

    /// All pairs of words of a and b with up to six letters, against the definition.
    @Test func `a slip is one edit in three letters, and one in shorter words`() {
        var words = [""]
        for length in 1...6 {
            words += words.filter { $0.count == length - 1 }.flatMap { [$0 + "a", $0 + "b"] }
        }
        #expect(words.count == 127)
        for word in words {
            for candidate in words {
                let limit = max(1, word.count / 3)
                let isNear = edits(Array(word.utf8)[...], Array(candidate.utf8)[...], limit)
                let found = Suggestion.nearest(to: word, in: [candidate])
                #expect(found == (isNear ? candidate : nil), "\(word) and \(candidate)")
            }
        }
    }

    /// Whether `budget` insertions, deletions and substitutions make `right` of `left`.
    private func edits(
        _ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>, _ budget: Int
    ) -> Bool {
        if left.elementsEqual(right) { return true }
        guard abs(left.count - right.count) <= budget, budget > 0 else { return false }
        if let first = left.first, first == right.first,
            edits(left.dropFirst(), right.dropFirst(), budget)
        {
            return true
        }
        return edits(left.dropFirst(), right, budget - 1)
            || edits(left, right.dropFirst(), budget - 1)
            || edits(left.dropFirst(), right.dropFirst(), budget - 1)
    }
}
