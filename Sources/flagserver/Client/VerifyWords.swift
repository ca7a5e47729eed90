import ControlAPI
import Faults
import Records

/// `proxy:delay count==5 peak_concurrency<=5`: what `POST /verify` is asked.
struct VerifyWords {
    private static let measures = ["count", "peak_concurrency", "peak_connections"]
    private static let parameters = ["since"]

    private struct Bounds {
        var minimum: UInt64?
        var maximum: UInt64?
    }

    let content: JSONValue

    /// - Parameter arguments: each with any number of words.
    /// - Throws: `CommandLineError` 64.
    init(_ arguments: [String]) throws {
        let words = try FilterWords.words(arguments)
        var bounds: [String: Bounds] = [:]
        var filters: [QueryWord] = []
        for word in words {
            if let (measure, comparison, number) = try Self.expectation(word) {
                try Self.narrow(
                    &bounds[measure, default: Bounds()], comparison, number, word.source)
            } else {
                filters.append(word)
            }
        }
        let pairs = try FilterWords.pairs(filters, beside: Self.parameters)
        guard !bounds.isEmpty else {
            throw OptionValues.usage(
                "nothing is expected. Write count==5, peak_concurrency<=5 or peak_connections<=5, "
                    + "beside what it is about: proxy:delay.")
        }
        content = .object(
            pairs.map { .init($0.key, .string($0.value)) }
                + Self.measures.compactMap { name in
                    bounds[name].map { .init(name, Self.json($0)) }
                })
    }

    // MARK: Reading

    /// nil if it is something else.
    private static func expectation(
        _ word: QueryWord
    ) throws -> (measure: String, Expectation.Comparison, UInt64)? {
        let (name, symbol, number) = parts(word.source)
        guard measures.contains(name) else {
            try checkIsFilter(word, symbol)
            return nil
        }
        guard !symbol.isEmpty else {
            throw OptionValues.usage(
                "'\(word.source)' says not how much. Write \(name)==5 or \(name)<=5.")
        }
        let word = word.source
        let comparison = symbol == ":" ? .same : Expectation.Comparison(rawValue: symbol)
        guard let comparison, comparison != .different else {
            throw OptionValues.usage(
                "'\(word)': '\(symbol)' cannot be asked. Write <=, >=, ==, < or >.")
        }
        guard let value = UInt64(number), number.first != "+" else {
            throw OptionValues.usage("'\(word)': '\(number)' is not a whole number from 0 on.")
        }
        return (name, comparison, value)
    }

    private static func parts(_ word: String) -> (name: String, symbol: String, number: String) {
        let symbols = "<>=!:"
        let name = String(word.prefix { !symbols.contains($0) })
        let symbol = String(word[name.endIndex...].prefix { symbols.contains($0) })
        return (name, symbol, String(word.dropFirst(name.count + symbol.count)))
    }

    /// What no filter knows is meant to be a measure.
    private static func checkIsFilter(_ word: QueryWord, _ symbol: String) throws {
        guard let key = word.key, QueryKey(named: key) == nil, !parameters.contains(key) else {
            return
        }
        let hint =
            key == "requests" ? " Write count." : Suggestion.hint(for: key, in: measures)
        // With a colon it may be a filter, too, whose reader tells more.
        guard !hint.isEmpty || symbol != "=" && symbol != ":" else { return }
        throw OptionValues.usage(
            "'\(word.source)': there is no '\(key)' to compare "
                + "(\(measures.joined(separator: ", "))).\(hint)")
    }

    private static func narrow(
        _ bounds: inout Bounds, _ comparison: Expectation.Comparison, _ value: UInt64,
        _ word: String
    ) throws {
        var (low, high): (UInt64?, UInt64?)
        switch comparison {
        case .equal, .same: (low, high) = (value, value)
        case .atMost: high = value
        case .atLeast: low = value
        case .less where value > 0: high = value - 1
        case .more where value < .max: low = value + 1
        case .less, .more, .different: throw OptionValues.usage("'\(word)' can never hold.")
        }
        if let low { bounds.minimum = max(low, bounds.minimum ?? 0) }
        if let high { bounds.maximum = min(high, bounds.maximum ?? .max) }
        guard bounds.minimum ?? 0 <= bounds.maximum ?? .max else {
            throw OptionValues.usage("'\(word)' can never hold beside what else is expected.")
        }
    }

    // MARK: Writing

    private static func json(_ bounds: Bounds) -> JSONValue {
        let members = [("min", bounds.minimum), ("max", bounds.maximum)]
        return .object(
            members.compactMap { name, value in value.map { .init(name, .number("\($0)")) } })
    }
}
