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
        /// A place in a body, of a script: a share of it in per cent, where nothing else is said.
        /// A number of bytes is a ``Quantity/number(_:)``, a share a ``Quantity/fraction(_:)``.
        case percent
        /// The same, in bytes where nothing else is said.
        case offset
        case count
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
                .weight, .percent, .offset, .count:
                true
            case .word, .text, .fields: false
            }
        }

        /// As people write it; empty for what is only counted.
        public var symbol: String {
            switch self {
            case .milliseconds: "ms"
            case .microseconds: "us"
            case .bytes, .offset: "B"
            case .kilobytesPerSecond: "kB/s"
            case .percent: "%"
            case .fraction, .flag, .weight, .count, .word, .text, .fields: ""
            }
        }

        /// Base units in one.
        var scale: Int64 {
            switch self {
            case .milliseconds, .kilobytesPerSecond: 1_000_000
            case .microseconds: 1000
            case .bytes, .fraction, .flag, .weight, .percent, .offset, .count, .word, .text,
                .fields:
                1
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
    /// Of a word: what it is if nothing is said, and what it may be; any, if that is empty.
    public let (defaultWord, choices): (String, [String])
    /// Whether it is left out where it has its default, as what the peer does not know.
    let isShownWhenSet: Bool

    init(
        _ name: String, _ unit: Unit, _ summary: String, _ range: ClosedRange<Int64>,
        default defaultValue: Int64 = 0, belowZero: BelowZero = .isRefused, zeroWord: String? = nil,
        isShownWhenSet: Bool = false
    ) {
        (self.name, self.unit, self.summary) = (name, unit, summary)
        (self.range, self.defaultValue) = (range, defaultValue)
        (self.belowZero, self.zeroWord) = (belowZero, zeroWord)
        (defaultWord, choices, self.isShownWhenSet) = ("", [], isShownWhenSet)
    }

    /// A word.
    init(
        _ name: String, _ summary: String, default defaultWord: String, choices: [String],
        isShownWhenSet: Bool = false
    ) {
        (self.name, unit, self.summary) = (name, .word, summary)
        (range, defaultValue, belowZero, zeroWord) = (0...0, 0, .isRefused, nil)
        (self.defaultWord, self.choices) = (defaultWord, choices)
        self.isShownWhenSet = isShownWhenSet
    }

    /// A JSON integer in base units.
    ///
    /// - Throws: what is allowed, if it lies outside.
    public func quantity(apiInteger: Int64) throws(FaultError) -> Quantity {
        let integer = unlessNegative(apiInteger)
        if unit == .word { return try word("\(apiInteger)") }
        guard range.contains(integer) else { throw outOfRange("\(apiInteger)") }
        return switch unit {
        case .fraction: .fraction(Double(integer))
        case .percent: .fraction(Double(integer) / 100)
        case .milliseconds, .microseconds, .bytes, .kilobytesPerSecond, .flag, .weight, .offset,
            .count, .word, .text, .fields:
            .number(integer * unit.scale)
        }
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
        if case .fraction(let share) = value, unit == .percent || unit == .offset {
            return .number(Int64((share * 100).rounded()))
        }
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
        case .bytes, .fraction, .flag, .weight, .percent, .offset, .count, .word, .text, .fields:
            return nil
        }
    }

    /// A text, held against the choices.
    func word(_ text: String) throws(FaultError) -> Quantity {
        let text = choices.contains(text.lowercased()) ? text.lowercased() : text
        guard choices.isEmpty || choices.contains(text) else {
            throw FaultError(
                "\(name) '\(text)' is none of \(FaultError.listed(choices))."
                    + Suggestion.hint(for: text, in: choices))
        }
        guard text.utf8.count <= Self.longestWord else {
            throw FaultError(
                "\(name) has \(text.utf8.count) bytes. It may have \(Self.longestWord).")
        }
        return .word(text)
    }

    /// A value in base units, held against the range.
    func checked(_ value: Quantity) throws(FaultError) -> Quantity {
        switch (value, unit) {
        case (.word(let text), .word): return try word(text)
        case (.word(let text), _) where unit.isNumber: return try checked(try quantity(text))
        case (.number(let number), .word): return try word("\(number)")
        case (.fraction(let share), .percent), (.fraction(let share), .offset):
            guard Probability(share) != nil else {
                throw FaultError(
                    "\(name) \(Notation.shortest(share * 100))% is out of range. "
                        + "It lies from 0 to 100%.")
            }
            return value
        case (.number(let number), .percent):
            guard Self.places.contains(number) else { throw outOfRange("\(number)") }
            return value
        case (.fraction(let fraction), .fraction):
            guard Probability(fraction) != nil else { throw outOfRange("\(fraction)") }
            return value
        case (.text(let text), .text):
            guard text.utf8.count <= range.upperBound else { throw tooLong(text.utf8.count) }
            return value
        case (.fields(let fields), .fields): return .fields(try AnswerFields.checked(fields, name))
        case (.text, _), (.fields, _), (.word, _), (_, .text), (_, .fields), (_, .word):
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

    /// What it is where nothing is given, in base units; a text is nothing then.
    public var defaultQuantity: Quantity {
        switch unit {
        case .fraction: .fraction(Double(defaultValue))
        case .percent: .fraction(Double(defaultValue) / 100)
        case .word: .word(defaultWord)
        case .text: .text("")
        case .fields: .fields([])
        case .milliseconds, .microseconds, .bytes, .kilobytesPerSecond, .flag, .weight, .offset,
            .count:
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
    /// Of a word, in bytes.
    private static let longestWord = 1024
    /// Places in a body, in bytes.
    private static let places: ClosedRange<Int64> = 0...largestSize
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

    static func microseconds(_ name: String, _ summary: String) -> Attribute {
        Attribute(name, .microseconds, summary, 0...longestTime * 1000, belowZero: .isZero)
    }

    static func size(
        _ name: String, _ summary: String, default defaultValue: Int64 = 0,
        belowZero: BelowZero = .isZero
    ) -> Attribute {
        Attribute(
            name, .bytes, summary, 0...largestSize, default: defaultValue, belowZero: belowZero)
    }

    static func rate(_ name: String, _ summary: String) -> Attribute {
        Attribute(name, .kilobytesPerSecond, summary, 0...longestTime)
    }

    /// - Returns: one that is shown only where it is set.
    static func flag(_ name: String, _ summary: String) -> Attribute {
        Attribute(name, .flag, summary, 0...1, isShownWhenSet: true)
    }

    /// A place in a body: a share in per cent, or a number of bytes.
    static func place(
        _ name: String, _ summary: String, default defaultValue: Int64, isPercent: Bool
    ) -> Attribute {
        Attribute(
            name, isPercent ? .percent : .offset, summary, isPercent ? 0...100 : places,
            default: defaultValue)
    }

    static func count(_ name: String, _ summary: String, default defaultValue: Int64) -> Attribute {
        Attribute(name, .count, summary, 0...largestSize, default: defaultValue)
    }

    static func fraction(_ name: String, _ summary: String) -> Attribute {
        Attribute(name, .fraction, summary, 0...1)
    }
}
