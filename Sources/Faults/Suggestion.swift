/// "Did you mean …?" for a word that is nearly another one.
public enum Suggestion {
    /// In bytes; what is longer is no slip, and comparing it would cost.
    private static let longestWord = 64

    /// ` Did you mean 'latency'?`, or nothing.
    public static func hint(for word: String, in candidates: [String]) -> String {
        nearest(to: word, in: candidates).map { " Did you mean '\($0)'?" } ?? ""
    }

    /// The candidate with the fewest edits from `word`, if that is close enough to be a slip.
    /// Capitals are no edit.
    public static func nearest(to word: String, in candidates: [String]) -> String? {
        guard word.utf8.count <= longestWord else { return nil }
        let letters = Array(word.lowercased())
        let most = max(1, word.count / 3)
        var best: (candidate: String, edits: Int)?
        for candidate in candidates {
            let other = Array(candidate.lowercased())
            guard abs(other.count - letters.count) <= most else { continue }
            let edits = distance(letters, other)
            if edits <= most, edits < best?.edits ?? .max { best = (candidate, edits) }
        }
        return best?.candidate
    }

    /// Levenshtein's distance, row by row.
    private static func distance(_ left: [Character], _ right: [Character]) -> Int {
        var row = Array(0...right.count)
        for (index, character) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in 0..<right.count {
                let substituted = diagonal + (character == right[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(substituted, row[column] + 1, diagonal + 1)
            }
        }
        return row[right.count]
    }
}
