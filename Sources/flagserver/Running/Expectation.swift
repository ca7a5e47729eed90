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
            case .notFound: counters.recorded.notFound
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
        /// nil: outside of the private ones.
        var world: String?
        let name: String
        let counters: ProxyCounters
        /// With its world.
        var path: String { world.map { "\($0)/\(name)" } ?? name }
        /// Whether it counts where no proxy is named.
        var isCounted: Bool { FlagServer.counts(name) }
    }

    /// nil: all worlds.
    let world: String?
    /// nil: all flag servers but FAULT. Begins with the name of a world, and `/`, if one alone is
    /// meant.
    let proxy: String?
    let measure: Measure
    let comparison: Comparison
    let bound: UInt64

    /// Proxies that are named where the sum is too high or too low.
    private static let maximumPlaces = 8

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
        // Proxies and worlds may have both in their names, measures have neither.
        let cut = subject.lastIndex { $0 == "." || $0 == "/" }
        let word = cut.map { subject[subject.index(after: $0)...] } ?? subject[...]
        let owner = cut.map { String(subject[..<$0]) }
        let isWorld = cut.map { subject[$0] == "/" } ?? false
        (world, proxy) = isWorld ? (owner, nil) : (nil, owner)
        measure = try Self.measure(String(word), of: text)
        guard proxy != "" else { throw Self.refusal(text, "no proxy is named before the dot.") }
        guard world != "" else { throw Self.refusal(text, "no world is named before the slash.") }
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
        let owner = world.map { "\($0)/" } ?? proxy.map { "\($0)." } ?? ""
        return "\(owner)\(measure.rawValue)\(comparison.rawValue)\(bound)"
    }

    /// The highest ones if there are too many.
    private static func places(_ values: [(Figures, UInt64)]) -> [String] {
        var shown = values.filter { $0.1 > 0 }
        if shown.count > maximumPlaces {
            shown = Array(shown.sorted { $0.1 > $1.1 }.prefix(maximumPlaces))
        }
        let rest = values.count { $0.1 > 0 } - shown.count
        return shown.map { "\($0.path) \($1)" } + (rest > 0 ? ["and \(rest) more"] : [])
    }

    private func isMeant(_ figures: Figures) -> Bool {
        if let world { return figures.world == world && figures.isCounted }
        guard let proxy else { return figures.isCounted }
        return figures.name == proxy || figures.path == proxy
    }

    private func missing(in figures: [Figures]) -> String? {
        if let world {
            return "a world '\(world)'."
                + Suggestion.hint(for: world, in: Set(figures.compactMap(\.world)).sorted())
        }
        guard let proxy else { return nil }
        return "a proxy '\(proxy)'."
            + Suggestion.hint(for: proxy, in: Set(figures.flatMap { [$0.name, $0.path] }).sorted())
    }

    /// What was measured instead, and where; nil if it holds.
    func failure(_ figures: [Figures]) -> String? {
        let meant = figures.filter(isMeant)
        if meant.isEmpty, let missing = missing(in: figures) {
            return "expected \(text), but there never was \(missing)"
        }
        let values = meant.map { measure.value($0.counters) }
        let measured = measure.isPeak ? values.max() ?? 0 : values.reduce(0, &+)
        guard !comparison.holds(measured, bound) else { return nil }
        let places = Self.places(Array(zip(meant, values)))
        let isPlain = meant.count == 1 || places.isEmpty
        return "expected \(text), measured \(measured)"
            + (isPlain ? "" : " (\(places.joined(separator: ", ")))")
    }
}
