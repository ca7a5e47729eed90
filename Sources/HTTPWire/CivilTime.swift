/// A UTC time in the proleptic Gregorian calendar.
///
/// The day arithmetic counts years from March, so that the leap day is the last of its year
/// (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
public struct CivilTime: Sendable {
    public typealias Clock = (hour: Int, minute: Int, second: Int)

    public var year: Int
    /// 1...12
    public var month: Int
    public var day: Int
    public var hour: Int
    public var minute: Int
    public var second: Int

    /// The seconds of the years 1...9999.
    static let range: ClosedRange<Int64> = -62_135_596_800...253_402_300_799
    private static let secondsPerDay = 86_400
    private static let daysPer400Years = 146_097
    /// From 0000-03-01, where the 400-year cycles start, to 1970-01-01.
    private static let daysBefore1970 = 719_468

    public init(year: Int, month: Int, day: Int, clock: Clock) {
        (self.year, self.month, self.day) = (year, month, day)
        (hour, minute, second) = clock
    }

    /// - Parameter secondsSince1970: without leap seconds; what lies outside the years 1...9999 is
    ///   the nearest time inside.
    public init(clamping secondsSince1970: Int64) {
        let (days, seconds) = Self.split(secondsSince1970)
        (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60)
        let cycle = days / Self.daysPer400Years
        let dayOfCycle = days % Self.daysPer400Years
        let leapDays = dayOfCycle / 1460 - dayOfCycle / 36_524 + dayOfCycle / 146_096
        let yearOfCycle = (dayOfCycle - leapDays) / 365
        let dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = 400 * cycle + yearOfCycle + (month <= 2 ? 1 : 0)
    }

    /// The day of the week, 0 (Sunday)...6, of a time clamped to ``range``.
    static func weekday(of secondsSince1970: Int64) -> Int {
        // 0000-03-01 was a Wednesday.
        (split(secondsSince1970).days + 3) % 7
    }

    /// Whole days since 0000-03-01, never negative, and the seconds into the last.
    private static func split(_ secondsSince1970: Int64) -> (days: Int, seconds: Int) {
        let clamped = Int(min(max(secondsSince1970, range.lowerBound), range.upperBound))
        let seconds = clamped + daysBefore1970 * secondsPerDay
        return (seconds / secondsPerDay, seconds % secondsPerDay)
    }

    /// Seconds since 1970, or nil if there is no such date or time of day.
    public var secondsSince1970: Int64? {
        guard 1...9999 ~= year, 1...12 ~= month, 1...daysInMonth ~= day, hour < 24, minute < 60
        else { return nil }
        // RFC 9110 §5.6.7: 00:00:00 - 23:59:60, a leap second being the last of its day.
        let isLeapSecond = hour == 23 && minute == 59 && second == 60
        return second < 60 || isLeapSecond ? uncheckedSeconds : nil
    }

    /// Seconds since 1970 with a day past the end of the month running on into the next.
    var uncheckedSeconds: Int64 {
        let yearFromMarch = month <= 2 ? year - 1 : year
        let monthFromMarch = (month + 9) % 12
        let leapDays = yearFromMarch / 4 - yearFromMarch / 100 + yearFromMarch / 400
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        let days = 365 * yearFromMarch + leapDays + dayOfYear - Self.daysBefore1970
        return Int64(days * Self.secondsPerDay + hour * 3600 + minute * 60 + second)
    }

    private var daysInMonth: Int {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        default: 31
        }
    }
}
