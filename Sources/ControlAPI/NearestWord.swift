/// What somebody who has made a slip may have meant.
enum NearestWord {
    /// ` Did you mean 'count'?`, or nothing.
    static func hint(for word: String, in candidates: [String]) -> String {
        guard word.utf8.count <= 64 else { return "" }
        let ranked = candidates.map { ($0, distance(Array(word.utf8), Array($0.utf8))) }
        guard let best = ranked.min(by: { $0.1 < $1.1 }), best.1 <= max(1, word.count / 3) else {
            return ""
        }
        return " Did you mean '\(best.0)'?"
    }

    /// Levenshtein's distance, row by row.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        guard abs(left.count - right.count) <= 32 else { return .max }
        var row = Array(0...right.count)
        for (index, byte) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in right.indices {
                let substituted = diagonal + (byte == right[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(substituted, row[column] + 1, diagonal + 1)
            }
        }
        return row[right.count]
    }
}
