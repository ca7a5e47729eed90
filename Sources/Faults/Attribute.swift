import HTTPWire

/// One attribute of a fault: the only place that knows its name, unit, range and default.
public struct Attribute: Sendable {
    /// In which the JSON API gives it. Toxiproxy's, where Toxiproxy has the attribute.
    public enum Unit: Sendable {
        case milliseconds, microseconds, bytes
        /// 1 kB is 1000 bytes, as Toxiproxy counts.
        case kilobytesPerSecond
        case fraction
        /// 0 or 1.
        case flag
        case weight
        /// One of the choices.
        case word
        /// As it stands; the range is that of its bytes.
        case text
        /// Fields of a message; the range is that of their number.
        case fields

        /// Whether it is a number, as all are that Toxiproxy's `attributes` may hold. The others
        /// are keys of the toxic beside these.
        public var isNumber: Bool {
            switch self {
            case .milliseconds, .microseconds, .bytes, .kilobytesPerSecond, .fraction, .flag,
                .weight:
                true
            case .word, .text, .fields: false
            }
        }

        /// As people write it; empty for what is only counted.
        public var symbol: String {
            switch self {
            case .milliseconds: "ms"
            case .microseconds: "us"
            case .bytes: "B"
            case .kilobytesPerSecond: "kB/s"
            case .fraction, .flag, .weight, .word, .text, .fields: ""
            }
        }

        /// Base units in one.
        var scale: Int64 {
            switch self {
            case .milliseconds, .kilobytesPerSecond: 1_000_000
            case .microseconds: 1000
            case .bytes, .fraction, .flag, .weight, .word, .text, .fields: 1
            }
        }
    }

    public let name: String
    public let unit: Unit
    /// Half a sentence for people.
    public let summary: String
    /// In the units of the API.
    public let range: ClosedRange<Int64>
    /// In the units of the API.
    public let defaultValue: Int64
    /// What becomes of a number below zero.
    enum BelowZero: Sendable {
        case isRefused
        /// As Toxiproxy takes a negative latency. What kills it or stalls it is refused.
        case isZero
    }
    let belowZero: BelowZero
    /// A word for 0, as people may write it.
    let zeroWord: String?
    /// Of a word, the default first.
    public let choices: [String]
    /// Whether it is left out where it has its default, as what the peer does not know.
    let isShownWhenSet: Bool

    init(
        _ name: String, _ unit: Unit, _ summary: String, _ range: ClosedRange<Int64>,
        default defaultValue: Int64 = 0, belowZero: BelowZero = .isRefused, zeroWord: String? = nil,
        choices: [String] = [], isShownWhenSet: Bool = false
    ) {
        (self.name, self.unit, self.summary) = (name, unit, summary)
        (self.range, self.defaultValue) = (range, defaultValue)
        (self.belowZero, self.zeroWord) = (belowZero, zeroWord)
        (self.choices, self.isShownWhenSet) = (choices, isShownWhenSet)
    }

    /// A JSON integer in base units.
    ///
    /// - Throws: what is allowed, if it lies outside.
    public func quantity(apiInteger: Int64) throws(FaultError) -> Quantity {
        let integer = unlessNegative(apiInteger)
        guard range.contains(integer) else { throw outOfRange("\(apiInteger)") }
        return unit == .fraction ? .fraction(Double(integer)) : .number(integer * unit.scale)
    }

    /// A JSON number with a point or an exponent: only fractions take it.
    public func quantity(apiNumber: Double) throws(FaultError) -> Quantity {
        guard unit == .fraction else {
            let unit = unit.symbol.isEmpty ? "" : " of \(unit.symbol)"
            throw FaultError("\(name) \(apiNumber) is not a whole number\(unit).")
        }
        guard Probability(apiNumber) != nil else { throw outOfRange("\(apiNumber)") }
        return .fraction(apiNumber)
    }

    /// What the API shows for a value in base units, rounded to the nearest of its units; but only
    /// 0 is shown as 0, which often means something else.
    public func shown(_ value: Quantity) -> Quantity {
        guard case .number(let number) = value, unit.scale > 1, number > 0 else { return value }
        let (whole, rest) = number.quotientAndRemainder(dividingBy: unit.scale)
        return .number(max(rest >= unit.scale / 2 ? whole + 1 : whole, 1))
    }

    /// The value with a unit in which nothing is lost; nil if nothing is lost in what is shown.
    public func exactly(_ value: Quantity) -> String? {
        guard case .number(let number) = value, number % unit.scale != 0 else { return nil }
        switch unit {
        case .milliseconds, .microseconds: return "\(Notation.thousandths(UInt64(number)))us"
        case .kilobytesPerSecond: return "\(Notation.thousandths(UInt64(number)))B/s"
        case .bytes, .fraction, .flag, .weight, .word, .text, .fields: return nil
        }
    }

    /// A value in base units, held against the range.
    func checked(_ value: Quantity) throws(FaultError) -> Quantity {
        switch (value, unit) {
        case (.fraction(let fraction), .fraction):
            guard Probability(fraction) != nil else { throw outOfRange("\(fraction)") }
            return value
        case (.text(let text), .word): return .text(try choice(text))
        case (.text(let text), .text):
            guard text.utf8.count <= range.upperBound else { throw tooLong(text.utf8.count) }
            return value
        case (.fields(let fields), .fields): return .fields(try AnswerFields.checked(fields, name))
        case (.text, _), (.fields, _), (_, .word), (_, .text), (_, .fields):
            throw FaultError("\(name) is of the wrong kind.")
        case (.fraction(let fraction), _):
            return try quantity(apiNumber: fraction)
        case (.number(let number), .fraction):
            return try quantity(apiInteger: number)
        case (.number(let number), _):
            let number = unlessNegative(number)
            let (low, high) = (range.lowerBound * unit.scale, range.upperBound * unit.scale)
            guard number >= low, number <= high else { throw outOfRange(text(number)) }
            return .number(number)
        }
    }

    /// What it is where nothing is given; a text is nothing then.
    var defaultQuantity: Quantity {
        switch unit {
        case .fraction: .fraction(Double(defaultValue))
        case .word: .text(choices.first ?? "")
        case .text: .text("")
        case .fields: .fields([])
        case .milliseconds, .microseconds, .bytes, .kilobytesPerSecond, .flag, .weight:
            .number(defaultValue * unit.scale)
        }
    }

    /// Whether a value is worth to be shown.
    func isShown(_ value: Quantity) -> Bool { !isShownWhenSet || value != defaultQuantity }

    private func unlessNegative(_ number: Int64) -> Int64 {
        switch belowZero {
        case .isRefused: number
        case .isZero: max(number, 0)
        }
    }

    private func outOfRange(_ value: String) -> FaultError {
        let symbol = unit.symbol.isEmpty ? "" : " \(unit.symbol)"
        return FaultError(
            "\(name) \(value) is out of range. "
                + "It lies from \(range.lowerBound) to \(range.upperBound)\(symbol).")
    }

    private func tooLong(_ count: Int) -> FaultError {
        FaultError("\(name) has \(count) bytes. It has at most \(range.upperBound).")
    }

    /// One of the choices, in whatever case.
    func choice(_ text: String) throws(FaultError) -> String {
        let word = text.lowercased()
        guard choices.contains(word) else {
            throw FaultError(
                "\(name) '\(text)': write \(choices.dropLast().joined(separator: ", ")) or "
                    + "\(choices.last ?? "").\(Suggestion.hint(for: word, in: choices))")
        }
        return word
    }

    /// A number of base units in those of the API, as far as that is exact.
    private func text(_ number: Int64) -> String {
        guard number % unit.scale != 0 else { return "\(number / unit.scale)" }
        return "\(Double(number) / Double(unit.scale))"
    }
}

// MARK: The usual ones

extension Attribute {
    /// In milliseconds, about 31 years: twice as many nanoseconds still fit into 63 bits.
    private static let longestTime: Int64 = 1_000_000_000_000
    /// The largest size that every reader of JSON keeps exact.
    private static let largestSize: Int64 = 1 << 53

    static func milliseconds(
        _ name: String, _ summary: String, default defaultValue: Int64 = 0,
        belowZero: BelowZero = .isZero, zeroWord: String? = nil, isShownWhenSet: Bool = false
    ) -> Attribute {
        Attribute(
            name, .milliseconds, summary, 0...longestTime, default: defaultValue,
            belowZero: belowZero, zeroWord: zeroWord, isShownWhenSet: isShownWhenSet)
    }

    /// - Parameter choices: the default first.
    static func word(_ name: String, _ summary: String, _ choices: [String]) -> Attribute {
        Attribute(name, .word, summary, 0...0, choices: choices, isShownWhenSet: true)
    }

    static func microseconds(_ name: String, _ summary: String) -> Attribute {
        Attribute(name, .microseconds, summary, 0...longestTime * 1000, belowZero: .isZero)
    }

    static func size(
        _ name: String, _ summary: String, belowZero: BelowZero = .isZero
    ) -> Attribute {
        Attribute(name, .bytes, summary, 0...largestSize, belowZero: belowZero)
    }

    static func rate(_ name: String, _ summary: String) -> Attribute {
        Attribute(name, .kilobytesPerSecond, summary, 0...longestTime)
    }

    /// - Returns: one that is shown only where it is set.
    static func flag(_ name: String, _ summary: String) -> Attribute {
        Attribute(name, .flag, summary, 0...1, isShownWhenSet: true)
    }

    static func fraction(_ name: String, _ summary: String) -> Attribute {
        Attribute(name, .fraction, summary, 0...1)
    }
}
