import Faults
import Glibc
import HTTPWire

/// The notations of times, rates and statuses on the command line (`--help` shows them).
enum OptionValues {
    /// Longest delay that can be asked for; more is nearly always a forgotten `ms`.
    static let maximumDelay: Nanoseconds = 60_000_000_000

    /// `0.5`, `500ms`, `2m`; a bare number is seconds.
    static func time(_ text: String, option: String) throws -> Nanoseconds {
        let suffix = String(text.drop { $0.isNumber || $0 == "." || $0 == "-" || $0 == "+" })
        let scale =
            suffix.isEmpty
            ? 1e9 : Notation.timeUnits.first { $0.suffix == suffix.lowercased() }?.scale
        guard !text.isEmpty else {
            throw usage("\(option) needs a time. Write 0.5 (seconds), 500ms or 2m.")
        }
        guard let scale, let value = Notation.number(String(text.dropLast(suffix.count))) else {
            throw usage("\(option) \(text) is not a time. Write 0.5 (seconds), 500ms or 2m.")
        }
        guard value * scale < 1e18 else { throw usage("\(option) \(text) is too long a time.") }
        guard let whole = Notation.whole(value * scale) else {
            throw usage("\(option) \(text) cannot be kept: it is no whole number of nanoseconds.")
        }
        return Nanoseconds(whole)
    }

    /// `0.5` or `0.5..5`: the shortest and the longest delay.
    static func delay(_ text: String, option: String) throws -> ClosedRange<Nanoseconds> {
        let parts = try ends(of: text, option: option)
        let times = try parts.map { part in
            do {
                return try time(part, option: option)
            } catch  where parts.count > 1 {
                throw usage("\(option) \(text): '\(part)' is not a time. Write 0.5..5 for a range.")
            }
        }
        for (part, time) in zip(parts, times) where time > maximumDelay {
            let isBare = part.allSatisfy { $0.isNumber || $0 == "." }
            let isProposed = isBare && time / 1000 <= maximumDelay
            let hint = isProposed ? " Did you mean \(part)ms?" : ""
            let seconds = Notation.shortest(Double(time) / 1e9)
            throw usage("\(option) \(text) would be \(seconds) s (limit 60 s).\(hint)")
        }
        guard times[0] <= times[times.count - 1] else {
            throw usage("\(option) \(text): the shortest delay comes first.")
        }
        return times[0]...times[times.count - 1]
    }

    /// What stands beside the `..`, or all of it without one.
    private static func ends(of text: String, option: String) throws -> [String] {
        guard let points = firstRange(of: "..", in: text) else { return [text] }
        let ends = [String(text[..<points.lowerBound]), String(text[points.upperBound...])]
        let hint = "Write 0.5..5 for a range."
        guard !ends[1].hasPrefix("."), firstRange(of: "..", in: ends[1]) == nil else {
            throw usage("\(option) \(text) has too many points. \(hint)")
        }
        if let empty = ends.firstIndex(of: "") {
            let which = empty == 0 ? "shortest" : "longest"
            throw usage("\(option) \(text) lacks the \(which) delay. \(hint)")
        }
        return ends
    }

    /// `0.25`, `25%` or `25 %`.
    static func probability(_ text: String, option: String) throws -> Probability {
        var digits = text
        let isPercent = digits.hasSuffix("%")
        if isPercent {
            digits.removeLast()
            while digits.hasSuffix(" ") { digits.removeLast() }
        }
        guard let value = Notation.number(digits) else {
            throw usage("\(option) \(text) is not a probability. Write 0.25 or 25%.")
        }
        guard let probability = Probability(isPercent ? value / 100 : value) else {
            let hint =
                !isPercent && value <= 100
                ? "Write \(Notation.shortest(value / 100)) or \(Notation.shortest(value))%."
                : "It lies between 0 and 1, or 0% and 100%."
            throw usage("\(option) \(text) is not a probability. \(hint)")
        }
        return probability
    }

    /// `418,503` or `418=3,503=1`.
    static func statuses(_ text: String, option: String) throws
        -> [(status: HTTPStatus, weight: UInt32)]
    {
        let hint = "Write 418,503 or, with weights, 418=3,503=1."
        let choices = try text.split(separator: ",", omittingEmptySubsequences: false).map {
            let parts = $0.split(separator: "=", omittingEmptySubsequences: false)
            let isPlain = $0.utf8.allSatisfy { $0 &- 0x30 <= 9 || $0 == UInt8(ascii: "=") }
            guard isPlain, parts.count <= 2, let code = Int(parts[0]), (200...599).contains(code),
                let status = HTTPStatus(code),
                let weight = UInt32(parts.count == 2 ? String(parts[1]) : "1"),
                weight <= 1_000_000
            else { throw usage("\(option) \(text): '\($0)' is no status from 200 to 599. \(hint)") }
            return (status, weight)
        }
        guard choices.contains(where: { $0.1 > 0 }) else {
            throw usage("\(option) \(text) gives every status the weight 0. \(hint)")
        }
        guard Set(choices.map(\.0)).count == choices.count else {
            throw usage("\(option) \(text) names a status twice. \(hint)")
        }
        return choices
    }

    /// A whole number.
    static func count(_ text: String, _ range: ClosedRange<Int>, option: String) throws -> Int {
        let isPlain = text.utf8.allSatisfy { $0 &- 0x30 <= 9 }
        guard isPlain, let count = Int(text), range.contains(count) else {
            throw usage(
                "\(option) \(text): write a whole number from \(range.lowerBound) to "
                    + "\(range.upperBound).")
        }
        return count
    }

    /// In the words that follow `The value 'x' is invalid for '--seed <n>': `.
    static func seed(_ text: String) throws -> UInt64 {
        guard let seed = UInt64(text) else { throw usage("write a whole number like 42.") }
        return seed
    }

    private static func firstRange(of needle: String, in text: String) -> Range<String.Index>? {
        var start = text.startIndex
        while start < text.endIndex {
            if text[start...].hasPrefix(needle) {
                return start..<text.index(start, offsetBy: needle.count)
            }
            start = text.index(after: start)
        }
        return nil
    }

    static func usage(_ message: String) -> CommandLineError {
        CommandLineError(.usage, message)
    }
}
