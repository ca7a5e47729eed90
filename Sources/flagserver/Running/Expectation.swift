import ChaosProxy
import Faults

/// `--expect 'error.peak_concurrency<=5'`: what must hold at the end of a run.
struct Expectation: Equatable {
    /// What can be measured, as it is typed.
    enum Measure: String, CaseIterable {
        case requests
        /// Answers that faults gave.
        case errors
        case refused
        case notFound = "not_found"
        case unplannedErrors = "unplanned_errors"
        /// Clients that left while something was held back from them.
        case gaveUp = "gave_up"
        case peakConcurrency = "peak_concurrency"
        case peakConnections = "peak_connections"

        /// Of several proxies the highest counts, else their sum.
        var isPeak: Bool { self == .peakConcurrency || self == .peakConnections }

        func value(_ counters: ProxyCounters) -> UInt64 {
            switch self {
            case .requests: counters.requests
            case .errors: counters.injected
            case .refused: counters.refused
            case .notFound: counters.recorded.count(of: 404)
            case .unplannedErrors: counters.recorded.unplanned
            case .gaveUp: counters.recorded.gaveUp
            case .peakConcurrency: UInt64(counters.peak)
            case .peakConnections: UInt64(counters.peakConnections)
            }
        }
    }

    enum Comparison: String, CaseIterable {
        case atMost = "<="
        case atLeast = ">="
        case equal = "=="
        case same = "="
        case different = "!="
        case less = "<"
        case more = ">"

        func holds(_ left: UInt64, _ right: UInt64) -> Bool {
            switch self {
            case .atMost: left <= right
            case .atLeast: left >= right
            case .equal, .same: left == right
            case .different: left != right
            case .less: left < right
            case .more: left > right
            }
        }
    }

    /// A proxy over a whole run, one that was deleted too.
    struct Figures {
        let name: String
        let counters: ProxyCounters
        var isFlagServer: Bool { FlagServer(rawValue: name) != nil }
    }

    /// nil: all flag servers.
    let proxy: String?
    let measure: Measure
    let comparison: Comparison
    let bound: UInt64

    // MARK: Reading

    /// Whether there is such a proxy shows at the end: it may be made and deleted in between.
    ///
    /// - Throws: `CommandLineError` 64.
    init(_ text: String) throws {
        let (subject, symbol, number) = try Self.parts(text)
        guard let comparison = Comparison(rawValue: symbol) else {
            throw Self.refusal(
                text, "'\(symbol)' is no comparison. Write <=, >=, ==, !=, < or >.")
        }
        guard let bound = UInt64(number), number.first != "+" else {
            throw Self.refusal(text, "'\(number)' is not a whole number from 0 on.")
        }
        (self.comparison, self.bound) = (comparison, bound)
        // Proxies may have dots in their names, measures have none.
        let dot = subject.lastIndex(of: ".")
        let word = dot.map { subject[subject.index(after: $0)...] } ?? subject[...]
        proxy = dot.map { String(subject[..<$0]) }
        measure = try Self.measure(String(word), of: text)
        guard proxy != "" else { throw Self.refusal(text, "no proxy is named before the dot.") }
    }

    /// What is measured, how it is compared, and with what; from the end, for the name of a proxy
    /// may have anything in it.
    private static func parts(_ text: String) throws -> (String, String, String) {
        let symbols: Set<Character> = ["<", ">", "=", "!"]
        guard let last = text.lastIndex(where: symbols.contains) else {
            throw refusal(text, "nothing is compared. Write one like 'error.peak_concurrency<=5'.")
        }
        let head = text[...last]
        let symbol = head.reversed().prefix { symbols.contains($0) }.count
        return (
            head.dropLast(symbol).trimmed, String(head.suffix(symbol)),
            text[text.index(after: last)...].trimmed
        )
    }

    private static func measure(_ word: String, of text: String) throws -> Measure {
        if let measure = Measure(rawValue: word) { return measure }
        let names = Measure.allCases.map(\.rawValue)
        throw refusal(
            text,
            "there is no measure '\(word)' (\(names.joined(separator: ", ")))."
                + Suggestion.hint(for: word, in: names))
    }

    private static func refusal(_ text: String, _ reason: String) -> CommandLineError {
        OptionValues.usage("--expect '\(text)': \(reason)")
    }

    // MARK: Judging

    /// `peak_concurrency<=5`
    var text: String {
        "\(proxy.map { "\($0)." } ?? "")\(measure.rawValue)\(comparison.rawValue)\(bound)"
    }

    /// What was measured instead, and where; nil if it holds.
    func failure(_ figures: [Figures]) -> String? {
        let meant = figures.filter { proxy == nil ? $0.isFlagServer : $0.name == proxy }
        if let proxy, meant.isEmpty {
            return "expected \(text), but there never was a proxy '\(proxy)'."
                + Suggestion.hint(for: proxy, in: figures.map(\.name))
        }
        let values = meant.map { measure.value($0.counters) }
        let measured = measure.isPeak ? values.max() ?? 0 : values.reduce(0, &+)
        guard !comparison.holds(measured, bound) else { return nil }
        let places = zip(meant, values).filter { $1 > 0 }.map { "\($0.name) \($1)" }
        let isPlain = proxy != nil || places.isEmpty
        return "expected \(text), measured \(measured)"
            + (isPlain ? "" : " (\(places.joined(separator: ", ")))")
    }
}
