// The notations of quantities. Times and rates need a unit where they are not Toxiproxy's own
// numbers: its users would write 200 and mean milliseconds.

extension Attribute {
    /// `200ms`, `64kB/s`, `25%`: in base units.
    ///
    /// - Throws: what to write instead. The range is `Fault`'s to check.
    func quantity(_ text: String) throws(FaultError) -> Quantity {
        if text == zeroWord { return .number(0) }
        switch unit {
        case .milliseconds, .microseconds: return .number(try time(text))
        case .bytes: return .number(try Self.size(text))
        case .kilobytesPerSecond: return .number(try Self.rate(text))
        case .fraction:
            guard let probability = Notation.probability(text) else {
                throw FaultError("'\(text)' is not a probability. Write 0.25 or 25%.")
            }
            return .fraction(probability.fraction)
        case .flag: return .number(try Self.flag(text))
        case .weight, .count:
            guard Notation.isDigits(text), let number = Int64(text) else {
                throw FaultError("'\(text)' is no whole number.")
            }
            return .number(number)
        case .percent, .offset: return try place(text)
        case .word: return try word(text)
        case .text: return .text(text)
        case .fields: return .fields(try AnswerFields.fields(text, name, zeroWord))
        }
    }

    /// `40%` or a size.
    private func place(_ text: String) throws(FaultError) -> Quantity {
        guard text.hasSuffix("%") else {
            // Of a share, to which people would mean per cent.
            guard unit == .offset || !Notation.isDigits(text) || text == "0" else {
                throw FaultError("a place needs a unit. Did you mean \(text)%, or \(text)B?")
            }
            return .number(try Self.size(text))
        }
        guard let share = Notation.probability(text) else {
            throw FaultError("'\(text)' is no share. Write 40%, from 0% to 100%, or 4096B.")
        }
        return .fraction(share.fraction)
    }

    /// Of a number in the units of the JSON API, which are Toxiproxy's; a time or a rate with a
    /// unit is understood, too.
    func quantity(plain text: String) throws(FaultError) -> Quantity {
        guard unit.isNumber else { return try quantity(text) }
        if let integer = Int64(text) { return try quantity(apiInteger: integer) }
        if unit != .flag, let number = Notation.number(text) {
            return try quantity(apiNumber: number)
        }
        return try quantity(text)
    }

    /// Whether a text in JSON says more than a number in quotes, which is none for the peer: it has
    /// a unit, or is a word.
    func saysMore(_ text: String) -> Bool {
        if unit == .word { return true }
        if text == zeroWord { return true }
        guard unit != .flag else {
            return (try? Self.flag(text)) != nil && !Notation.isDigits(text)
        }
        return text.first?.isNumber == true && Notation.number(text) == nil
    }

    private func time(_ text: String) throws(FaultError) -> Int64 {
        if text == "0" { return 0 }
        guard
            let time = try Notation.scaled(
                text, Notation.timeUnits, base: "nanoseconds")
        else {
            throw FaultError(
                Notation.isDigits(text)
                    ? "a time needs a unit. Did you mean \(text)\(unit.symbol), or \(text)s?"
                    : "'\(text)' is not a time. Write 200ms, 1.5s or 50us.")
        }
        return time
    }

    private static func size(_ text: String) throws(FaultError) -> Int64 {
        guard let size = try Notation.scaled(text, Notation.sizeUnits, base: "bytes") else {
            throw FaultError("'\(text)' is not a size. Write 4096, 4096B, 64kB, 64KiB or 1MiB.")
        }
        return size
    }

    private static func rate(_ text: String) throws(FaultError) -> Int64 {
        if text == "0" { return 0 }
        guard
            let rate = try Notation.scaled(
                text, Notation.rateUnits, base: "thousandths of a byte a second")
        else {
            throw FaultError(
                Notation.isDigits(text)
                    ? "a rate needs a unit. Did you mean \(text)kB/s, or \(text)kbit/s?"
                    : "'\(text)' is not a rate. Write 64kB/s, 1Mbit/s or 500B/s.")
        }
        return rate
    }

    private static func flag(_ text: String) throws(FaultError) -> Int64 {
        switch text.lowercased() {
        case "1", "true", "yes", "on": return 1
        case "0", "false", "no", "off": return 0
        default: throw FaultError("'\(text)' is neither 1 nor 0.")
        }
    }
}
