/// Which exchanges a toxic applies to, by their number: `1...2`, `5...`, `3`, `every 4`.
public struct ExchangeRange: Equatable, Sendable, CustomStringConvertible {
    /// What is counted, from 1.
    public enum Counting: String, CaseIterable, Sendable {
        /// The attempts at each target. A connection counts as one of its proxy's.
        case target
        /// All exchanges of the proxy since the toxic's plan began to count.
        case proxy
        /// Those that the toxic's `match` lets in, whatever their target.
        case match
        /// The same for each address of a client.
        case client
        /// The same for each value of the field that `match` looks at.
        case header

        /// Whether the toxic has counts of its own.
        public var isOwn: Bool {
            switch self {
            case .target, .proxy: false
            case .match, .client, .header: true
            }
        }
    }

    private enum Numbers: Equatable, Sendable {
        /// Closed; nil: without an end.
        case range(UInt64, UInt64?)
        /// Every n-th, the n-th first.
        case every(UInt64)
    }

    public let counting: Counting
    private let numbers: Numbers

    /// - Parameters:
    ///   - first: from 1.
    ///   - last: not less than `first`; nil: without an end.
    public init(first: UInt64, last: UInt64?, counting: Counting) {
        precondition(first >= 1 && last ?? .max >= first, "exchanges are counted from 1 upwards")
        (numbers, self.counting) = (.range(first, last), counting)
    }

    /// - Parameter text: `1...2`, `5...`, `3`, `every 4`; for shells `every4`, `every:4`,
    ///   `every-4` too.
    /// - Throws: which forms there are.
    public init(_ text: String, counting: Counting = .target) throws(FaultError) {
        guard let numbers = Self.every(text) ?? Self.range(text) else {
            let isZero = text.hasPrefix("0") && Self.number(text.prefix { $0 != "." }) == nil
            throw FaultError(
                isZero
                    ? "exchanges '\(text)': they are counted from 1. \(Self.forms)"
                    : "exchanges '\(text)' is not a range. \(Self.forms)")
        }
        (self.numbers, self.counting) = (numbers, counting)
    }

    private static let forms = "Write 1...2, 5..., 3 or every 4."

    private static func every(_ text: String) -> Numbers? {
        guard text.hasPrefix("every") else { return nil }
        var digits = text.dropFirst(5)
        if let separator = digits.first, " :-".contains(separator) { digits.removeFirst() }
        return number(digits).map { .every($0) }
    }

    private static func range(_ text: String) -> Numbers? {
        let digits = text.prefix { $0 != "." }
        guard let first = number(digits) else { return nil }
        let rest = text.dropFirst(digits.count)
        if rest.isEmpty { return .range(first, first) }
        guard rest.hasPrefix("...") else { return nil }
        if rest.count == 3 { return .range(first, nil) }
        guard let last = number(rest.dropFirst(3)), last >= first else { return nil }
        return .range(first, last)
    }

    /// A whole number from 1, of digits alone.
    private static func number(_ text: Substring) -> UInt64? {
        guard text.utf8.allSatisfy({ $0 &- 0x30 <= 9 }), let number = UInt64(text), number > 0
        else { return nil }
        return number
    }

    /// - Parameter number: from 1; 0 lies in no range.
    public func contains(_ number: UInt64) -> Bool {
        switch numbers {
        case .range(let first, let last): number >= first && number <= last ?? .max
        case .every(let step): number > 0 && number.isMultiple(of: step)
        }
    }

    public var description: String {
        switch numbers {
        case .range(let first, nil): "\(first)..."
        case .range(let first, let last?): first == last ? "\(first)" : "\(first)...\(last)"
        case .every(let step): "every \(step)"
        }
    }
}
