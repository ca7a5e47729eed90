import ChaosProxy
import Faults
import HTTPWire

/// The notations of limits, on the command line and in a configuration file.
enum RequestLimitOptions {
    private static let mostAtOnce = 1_000_000

    /// - Throws: `CommandLineError` with status 64, naming the option and what to write instead.
    static func limits(_ options: LimitOptions) throws -> RequestLimits {
        var limits = RequestLimits()
        limits.maxConcurrency = try options.maxConcurrency.map {
            try count($0, option: "--max-concurrency")
        }
        limits.maxConcurrencyPerClient = try options.maxConcurrencyPerClient.map {
            try count($0, option: "--max-concurrency-per-client")
        }
        limits.maxConnections = try options.maxConnections.map {
            try count($0, option: "--max-connections")
        }
        limits.rate = try options.rate.map { try rate($0, option: "--rate") }
        limits.overLimit = try options.overLimit.map { try overLimit($0, option: "--over-limit") }
        if let text = options.overLimit, isWithoutLimit(limits) {
            throw OptionValues.usage(
                "--over-limit \(text) without a limit says nothing. Give one: "
                    + "--max-concurrency 5.")
        }
        return limits
    }

    /// Whether it says what becomes of those who are over a limit that there is not.
    static func isWithoutLimit(_ limits: RequestLimits) -> Bool {
        limits.overLimit != nil && limits.maxConcurrency == nil
            && limits.maxConcurrencyPerClient == nil && limits.maxConnections == nil
            && limits.rate == nil
    }

    /// 1 to a million.
    static func count(_ text: String, option: String) throws -> Int {
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ $0 &- 0x30 <= 9 }) else {
            let hint = nearestNumber(text).map { " Did you mean \($0)?" } ?? " Write 5, or 100."
            throw OptionValues.usage("\(option) \(text) is no whole number.\(hint)")
        }
        guard digits.count == text.count, digits.contains(where: { $0 != "0" }) else {
            throw OptionValues.usage("\(option) \(text) would accept nobody.")
        }
        guard let count = Int(digits), count <= mostAtOnce else {
            throw OptionValues.usage("\(option) \(text) is more than a million.")
        }
        return count
    }

    /// `5.0` and `1_000` are slips with an obvious meaning.
    private static func nearestNumber(_ text: String) -> String? {
        if text.contains("_") {
            let digits = text.filter { $0 != "_" }
            return Int(digits).flatMap { $0 > 0 ? digits : nil }
        }
        guard let number = Notation.number(text), number >= 1, number < 1e6 else { return nil }
        return "\(Int(number))"
    }

    private static let rateHint = "Write 10, 10/s, 0.5 or 600/m."

    /// Requests a second.
    static func rate(_ text: String, option: String) throws -> Double {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let word = parts.count == 2 ? parts[1].lowercased() : "s"
        let seconds = ["s": 1.0, "m": 60, "h": 3600][word]
        guard let seconds, let number = Notation.number(String(parts[0])) else {
            let digits = String(parts[0].dropFirst())
            let isNegative = text.hasPrefix("-") && Notation.number(digits) != nil
            throw OptionValues.usage(
                isNegative
                    ? "\(option) \(text) would let nobody in. \(rateHint)"
                    : "\(option) \(text) is no rate of requests. \(rateHint)")
        }
        let rate = number / seconds
        guard rate > 0 else {
            throw OptionValues.usage("\(option) \(text) would let nobody in. \(rateHint)")
        }
        guard rate <= 1e9 else {
            throw OptionValues.usage(
                "\(option) \(text) is more than anyone can send. Leave it out for no limit.")
        }
        return rate
    }

    static func overLimit(_ text: String, option: String) throws -> RequestLimits.OverLimit {
        switch text.lowercased() {
        case "503": return .respond(503)
        case "429": return .respond(429)
        case "queue": return .queue
        case "close": return .close
        default:
            let words = ["503", "429", "queue", "close"]
            throw OptionValues.usage(
                "\(option) \(text): write 503, 429, queue or close."
                    + Suggestion.hint(for: text.lowercased(), in: words))
        }
    }
}
