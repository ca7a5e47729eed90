import HTTPWire
import Records

/// `proxy:error -path:*.json since=12`: which records are asked for, as one argument or as several.
enum FilterWords {
    typealias Pair = (key: String, value: String)

    /// - Throws: `CommandLineError` 64 for what is no word.
    static func words(_ arguments: [String]) throws -> [QueryWord] {
        do {
            return try QueryWord.all(in: arguments.joined(separator: " "))
        } catch {
            throw usage(error)
        }
    }

    /// What the control port is asked: the parameters that stand beside a filter, and the filter.
    ///
    /// - Parameter parameters: the names of the former.
    /// - Throws: `CommandLineError` 64 for what cannot be asked.
    static func pairs(_ words: [QueryWord], beside parameters: [String]) throws -> [Pair] {
        var pairs: [Pair] = []
        var filter: [String] = []
        for word in words {
            guard let pair = word.pair, parameters.contains(pair.key) else {
                filter.append(word.source)
                continue
            }
            guard !pairs.contains(where: { $0.key == pair.key }) else {
                throw OptionValues.usage("'\(pair.key)' is given twice.")
            }
            pairs.append(pair)
        }
        guard !filter.isEmpty else { return pairs }
        let text = filter.joined(separator: " ")
        do {
            _ = try RecordQuery(text)
        } catch {
            throw usage(error)
        }
        return pairs + [(RecordFilter.Key.query.rawValue, text)]
    }

    private static func usage(_ error: QueryError) -> CommandLineError {
        OptionValues.usage("\(error)")
    }

    /// Whether an argument looks like an option, but says what records are not.
    static func isNegated(_ argument: String) -> Bool {
        guard argument.hasPrefix("-"), let key = (try? words([argument]))?.first?.key else {
            return false
        }
        return QueryKey(named: key) != nil
    }

    /// With the question mark, if there is anything.
    static func query(_ pairs: [Pair]) -> String {
        guard !pairs.isEmpty else { return "" }
        return "?"
            + pairs.map { "\($0.key)=\(PercentCoding.encodeComponent($0.value))" }
            .joined(separator: "&")
    }
}
