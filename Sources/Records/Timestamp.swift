/// Times of day as RFC 3339 spells them. The day arithmetic counts years from March, so that the
/// leap day is the last of its year (Howard Hinnant, "chrono-Compatible Low-Level Date
/// Algorithms").
public enum Timestamp {
    private static let secondsPerDay: Int64 = 86_400
    /// From 0000-03-01 to 1970-01-01.
    private static let daysBefore1970: Int64 = 719_468
    /// The seconds of the years 1...9999.
    private static let range: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

    /// Writes `2026-11-21T14:02:01`.
    ///
    /// - Parameter seconds: since 1970; what lies outside the years 1...9999 is clamped.
    public static func append(seconds: Int64, to bytes: inout [UInt8]) {
        let clamped = min(max(seconds, range.lowerBound), range.upperBound)
        let seconds = clamped + daysBefore1970 * secondsPerDay
        let (year, month, day) = date(days: seconds / secondsPerDay)
        let clock = seconds % secondsPerDay
        append(4, year, to: &bytes)
        for (mark, value) in [
            ("-", month), ("-", day), ("T", clock / 3600), (":", clock / 60 % 60),
            (":", clock % 60),
        ] as [(Unicode.Scalar, Int64)] {
            bytes.append(UInt8(ascii: mark))
            append(2, value, to: &bytes)
        }
    }

    /// `2026-11-21T14:02:01Z`
    public static func text(seconds: Int64) -> String {
        var bytes: [UInt8] = []
        append(seconds: seconds, to: &bytes)
        bytes.append(UInt8(ascii: "Z"))
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func append(_ count: Int, _ value: Int64, to bytes: inout [UInt8]) {
        bytes.append(digits: count, of: UInt64(value))
    }

    private static func date(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (cycle, dayOfCycle) = (days / 146_097, days % 146_097)
        let leapDays = dayOfCycle / 1460 - dayOfCycle / 36_524 + dayOfCycle / 146_096
        let yearOfCycle = (dayOfCycle - leapDays) / 365
        let dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        return (400 * cycle + yearOfCycle + (month <= 2 ? 1 : 0), month, day)
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
            let offset = offset(&rest), rest.isEmpty,
            (1970...2261).contains(year), (1...12).contains(month), day >= 1, hour < 24,
            minute < 60, second < 60
        else { return nil }
        let days = days(year, month, day)
        guard date(days: days + daysBefore1970) == (year, month, day) else { return nil }
        let seconds = days * secondsPerDay + hour * 3600 + minute * 60 + second - offset
        return seconds * 1_000_000_000 + fraction
    }

    /// Since 1970.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let yearFromMarch = month <= 2 ? year - 1 : year
        let leapDays = yearFromMarch / 4 - yearFromMarch / 100 + yearFromMarch / 400
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return 365 * yearFromMarch + leapDays + dayOfYear - daysBefore1970
    }

    private static func number(_ count: Int, _ rest: inout ArraySlice<UInt8>) -> Int64? {
        let digits = rest.prefix(count)
        guard digits.count == count, digits.allSatisfy({ $0 &- 0x30 <= 9 }) else { return nil }
        rest = rest.dropFirst(count)
        return digits.reduce(0) { $0 * 10 + Int64($1 &- 0x30) }
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
        return (hours * 3600 + minutes * 60) * (isWest ? -1 : 1)
    }
}
