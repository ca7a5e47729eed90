import ControlAPI
import Faults

/// `proxy:delay count==5 peak_concurrency<=5`: what `POST /verify` is asked.
struct VerifyWords {
    private static let measures = ["count", "peak_concurrency", "peak_connections"]
    private static let filterKeys = FilterWords.keys + ["since"]

    private struct Bounds {
        var minimum: UInt64?
        var maximum: UInt64?
    }

    let content: JSONValue

    /// - Parameter arguments: each with any number of words.
    /// - Throws: `CommandLineError` 64.
    init(_ arguments: [String]) throws {
        let words = FilterWords.words(arguments)
        var bounds: [String: Bounds] = [:]
        var filters: [String] = []
        for word in words {
            if let (measure, comparison, number) = try Self.expectation(word) {
                try Self.narrow(&bounds[measure, default: Bounds()], comparison, number, word)
            } else {
                filters.append(word)
            }
        }
        let pairs = try FilterWords.pairs(filters, known: Self.filterKeys, others: Self.measures)
        guard !bounds.isEmpty else {
            throw OptionValues.usage(
                "nothing is expected. Write count==5, peak_concurrency<=5 or peak_connections<=5, "
                    + "beside what it is about: proxy:delay.")
        }
        content = .object(
            pairs.map { .init($0.key, Self.json($0.key, $0.value)) }
                + Self.measures.compactMap { name in
                    bounds[name].map { .init(name, Self.json($0)) }
                })
    }

    // MARK: Reading

    /// nil if it is something else.
    private static func expectation(
        _ word: String
    ) throws -> (measure: String, Expectation.Comparison, UInt64)? {
        let symbols = "<>=!:"
        let name = String(word.prefix { !symbols.contains($0) })
        let symbol = String(word[name.endIndex...].prefix { symbols.contains($0) })
        let number = String(word.dropFirst(name.count + symbol.count))
        guard !filterKeys.contains(name), !symbol.isEmpty else {
            guard measures.contains(name) else { return nil }
            throw OptionValues.usage("'\(word)' says not how much. Write \(name)==5 or \(name)<=5.")
        }
        guard measures.contains(name) else {
            // Of a comparison only a measure can be meant.
            guard symbol != "=", symbol != ":" else { return nil }
            let hint =
                name == "requests" ? " Write count." : Suggestion.hint(for: name, in: measures)
            throw OptionValues.usage(
                "'\(word)': there is no '\(name)' to compare (\(measures.joined(separator: ", "))"
                    + ").\(hint)")
        }
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

    /// Only an attempt must be a number.
    private static func json(_ key: String, _ text: String) -> JSONValue {
        key == "attempt" && UInt32(text) != nil ? .number("\(UInt32(text) ?? 0)") : .string(text)
    }
}
