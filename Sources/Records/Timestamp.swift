import HTTPWire

/// Times as RFC 3339 spells them.
public enum Timestamp {
    /// Writes `2026-11-21T14:02:01`, UTC.
    ///
    /// - Parameter seconds: since 1970; what lies outside the years 1...9999 is clamped.
    public static func append(seconds: Int64, to bytes: inout [UInt8]) {
        let time = CivilTime(clamping: seconds)
        bytes.append(digits: 4, of: UInt64(time.year))
        for (mark, value) in [
            ("-", time.month), ("-", time.day), ("T", time.hour), (":", time.minute),
            (":", time.second),
        ] as [(Unicode.Scalar, Int)] {
            bytes.append(UInt8(ascii: mark))
            bytes.append(digits: 2, of: UInt64(value))
        }
    }

    /// `2026-11-21T14:02:01Z`
    public static func text(seconds: Int64) -> String {
        var bytes: [UInt8] = []
        append(seconds: seconds, to: &bytes)
        bytes.append(UInt8(ascii: "Z"))
        return String(decoding: bytes, as: UTF8.self)
    }

    /// `2026-11-21T14:02:01.120345Z`, as records say when they were over.
    ///
    /// - Parameter nanoseconds: since 1970.
    public static func text(nanoseconds: Int64) -> String {
        var bytes: [UInt8] = []
        var time = RecordTime()
        time.append(nanoseconds, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    // MARK: Reading

    /// Reads `2026-11-21T14:02:01.120345Z`, also with an offset and without a fraction.
    ///
    /// - Returns: nanoseconds since 1970; nil if it is no such time of the years 1970...2261.
    public static func nanoseconds(_ text: String) -> Int64? {
        var rest = Array(text.utf8)[...]
        guard let year = number(4, &rest), take("-", &rest), let month = number(2, &rest),
            take("-", &rest), let day = number(2, &rest), take("Tt ", &rest),
            let hour = number(2, &rest), take(":", &rest), let minute = number(2, &rest),
            take(":", &rest), let second = number(2, &rest), let fraction = fraction(&rest),
            let offset = offset(&rest), rest.isEmpty, (1970...2261).contains(year)
        else { return nil }
        let time = CivilTime(year: year, month: month, day: day, clock: (hour, minute, second))
        return time.secondsSince1970.map { ($0 - offset) * 1_000_000_000 + fraction }
    }

    private static func number(_ count: Int, _ rest: inout ArraySlice<UInt8>) -> Int? {
        let digits = rest.prefix(count)
        guard digits.count == count, digits.allSatisfy({ $0 &- 0x30 <= 9 }) else { return nil }
        rest = rest.dropFirst(count)
        return digits.reduce(0) { $0 * 10 + Int($1 &- 0x30) }
    }

    /// - Parameter marks: any one of them.
    private static func take(_ marks: StaticString, _ rest: inout ArraySlice<UInt8>) -> Bool {
        guard let first = rest.first else { return false }
        let known = UnsafeBufferPointer(start: marks.utf8Start, count: marks.utf8CodeUnitCount)
        guard known.contains(first) else { return false }
        rest = rest.dropFirst()
        return true
    }

    /// In nanoseconds; what is finer is cut off.
    private static func fraction(_ rest: inout ArraySlice<UInt8>) -> Int64? {
        guard take(".", &rest) else { return 0 }
        let digits = rest.prefix { $0 &- 0x30 <= 9 }
        guard !digits.isEmpty else { return nil }
        rest = rest.dropFirst(digits.count)
        let padded = Array(digits.prefix(9)) + [UInt8](repeating: 0x30, count: 9)
        return padded.prefix(9).reduce(0) { $0 * 10 + Int64($1 &- 0x30) }
    }

    /// East of UTC, in seconds. A plus may have become a space on its way through a query.
    private static func offset(_ rest: inout ArraySlice<UInt8>) -> Int64? {
        if take("Zz", &rest) { return 0 }
        let isWest = rest.first == UInt8(ascii: "-")
        guard take("+ -", &rest), let hours = number(2, &rest), take(":", &rest),
            let minutes = number(2, &rest), hours < 24, minutes < 60
        else { return nil }
        return Int64(hours * 3600 + minutes * 60) * (isWest ? -1 : 1)
    }
}
