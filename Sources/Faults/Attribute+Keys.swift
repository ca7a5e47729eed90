// Values of scripts in the API, whose `attributes` are unsigned integers only. A bare number is in
// the attribute's own unit; another unit stands in the key: `at_bytes`.

extension Attribute {
    /// What a key can end in, and how people write that unit.
    private static let keyUnits: [(word: String, suffix: String)] = [
        ("percent", "%"), ("bytes", "B"), ("kb", "kB"), ("kib", "KiB"), ("mb", "MB"),
        ("mib", "MiB"), ("us", "us"), ("ms", "ms"), ("s", "s"), ("m", "m"), ("h", "h"),
    ]

    /// Those of them that it can be given in.
    private var keyUnits: ArraySlice<(word: String, suffix: String)> {
        switch unit {
        case .percent, .offset: Self.keyUnits[..<6]
        case .bytes: Self.keyUnits[1..<6]
        case .milliseconds, .microseconds: Self.keyUnits[6...]
        case .kilobytesPerSecond, .fraction, .flag, .weight, .count, .word, .text, .fields: []
        }
    }

    /// The unit at the end of a key.
    ///
    /// - Parameter key: that begins with the attribute's name, `at_bytes`.
    /// - Throws: what there is instead.
    func suffix(ofKey key: String) throws(FaultError) -> String {
        let word = key.dropFirst(name.count + 1).lowercased()
        if let unit = keyUnits.first(where: { $0.word == word }) { return unit.suffix }
        let keys = [name] + keyUnits.map { "\(name)_\($0.word)" }
        throw FaultError("\(name) has no unit '\(word)'. Write \(FaultError.listed(keys)).")
    }

    /// A value for `attributes`, with its key; nil if no whole number says it.
    public func keyed(_ value: Quantity) -> (key: String, number: Int64)? {
        guard unit.isNumber else { return nil }
        let text = written(value)
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int64(digits) else { return nil }
        let suffix = text.dropFirst(digits.count)
        guard suffix != unit.symbol else { return (name, number) }
        return keyUnits.first { $0.suffix == suffix }.map { ("\(name)_\($0.word)", number) }
    }

    /// A value as it is typed: `200ms`, `40%`, `4096B`.
    public func written(_ value: Quantity) -> String {
        switch (value, unit) {
        case (.word(let text), _), (.text(let text), _): text
        case (.fields(let fields), _):
            fields.map { "\($0.name): \($0.value)" }.joined(separator: ", ")
        case (.fraction(let share), .percent), (.fraction(let share), .offset):
            "\(Notation.shortest(share * 100))%"
        case (.fraction(let share), _): Notation.shortest(share)
        case (.number(let number), .percent): "\(number)B"
        case (.number(let number), _):
            exactly(value) ?? "\(number / unit.scale)\(unit.symbol)"
        }
    }
}
