import Faults
import HTTPWire
import Records

/// `proxy=error fault:respond path=/flags/br/*`: which records are asked for.
enum FilterWords {
    typealias Pair = (key: String, value: String)

    static let keys = RecordFilter.Key.allCases.map(\.rawValue)

    /// The words in arguments that may have several of them each.
    static func words(_ arguments: [String]) -> [String] {
        arguments.flatMap { $0.split { $0 == " " || $0 == "\t" || $0 == "\n" }.map(String.init) }
    }

    /// What stands before and behind the first `=` or `:`; nil if there is none.
    static func pair(_ word: String) -> Pair? {
        guard let end = word.firstIndex(where: { $0 == "=" || $0 == ":" }) else { return nil }
        return (String(word[..<end]), String(word[word.index(after: end)...]))
    }

    /// - Parameters:
    ///   - known: the keys that there are.
    ///   - others: what else may be written, for messages.
    /// - Throws: `CommandLineError` 64 for a word that is none of them, or of a key given before.
    static func pairs(_ words: [String], known: [String], others: [String] = []) throws -> [Pair] {
        var pairs: [Pair] = []
        for word in words {
            guard let pair = pair(word), !pair.value.isEmpty, !pair.key.isEmpty else {
                throw OptionValues.usage(
                    "'\(word)' is no key=value.\(Suggestion.hint(for: word, in: known + others)) "
                        + "Write proxy=error; there are \(known.joined(separator: ", ")).")
            }
            guard known.contains(pair.key) else {
                let hint = Suggestion.hint(for: pair.key, in: known + others)
                throw OptionValues.usage(
                    "there is no '\(pair.key)' to ask for (\(known.joined(separator: ", ")))."
                        + hint
                )
            }
            guard !pairs.contains(where: { $0.key == pair.key }) else {
                throw OptionValues.usage("'\(pair.key)' is given twice.")
            }
            pairs.append(pair)
        }
        return pairs
    }

    /// With the question mark, if there is anything.
    static func query(_ pairs: [Pair]) -> String {
        guard !pairs.isEmpty else { return "" }
        return "?"
            + pairs.map { "\($0.key)=\(PercentCoding.encodeComponent($0.value))" }
            .joined(separator: "&")
    }
}
