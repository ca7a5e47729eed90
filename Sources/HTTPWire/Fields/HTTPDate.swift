/// Dates as HTTP writes them: whole seconds, always UTC (RFC 9110 §5.6.7).
public enum HTTPDate {
    /// The length of an IMF-fixdate in bytes, as in `Sun, 06 Nov 1994 08:49:37 GMT`.
    public static let count = 29

    /// Writes a time as IMF-fixdate, the only format a sender may generate (RFC 9110 §5.6.7).
    ///
    /// - Parameters:
    ///   - secondsSince1970: Seconds since 1970-01-01T00:00:00Z without leap seconds. Times outside
    ///     the years 1...9999 become the nearest one inside, as the format has four digits.
    ///   - destination: Room for exactly ``count`` bytes, which need not be initialized.
    public static func write(
        _ secondsSince1970: Int64, to destination: UnsafeMutablePointer<UInt8>
    ) {
        let time = CivilTime(clamping: secondsSince1970)
        let template: StaticString = "___, __ ___ ____ __:__:__ GMT"
        destination.initialize(from: template.utf8Start, count: count)
        let dayName = dayNames.utf8Start + 3 * CivilTime.weekday(of: secondsSince1970)
        destination.initialize(from: dayName, count: 3)
        writeTwoDigits(time.day, to: destination + 5)
        let monthName = monthNames.utf8Start + 3 * (time.month - 1)
        (destination + 8).initialize(from: monthName, count: 3)
        writeTwoDigits(time.year / 100, to: destination + 12)
        writeTwoDigits(time.year % 100, to: destination + 14)
        writeTwoDigits(time.hour, to: destination + 17)
        writeTwoDigits(time.minute, to: destination + 20)
        writeTwoDigits(time.second, to: destination + 23)
    }

    /// The IMF-fixdate of a time, clamped as ``write(_:to:)`` does.
    public static func string(_ secondsSince1970: Int64) -> String {
        String(unsafeUninitializedCapacity: count) { buffer in
            guard let start = buffer.baseAddress else { return 0 }
            write(secondsSince1970, to: start)
            return count
        }
    }

    /// Reads a date in any of the three formats a recipient must accept (RFC 9110 §5.6.7).
    ///
    /// The formats are IMF-fixdate, `Sunday, 06-Nov-94 08:49:37 GMT` (RFC 850) and
    /// `Sun Nov  6 08:49:37 1994` (asctime). Letter case matters, as the RFC says. The day name has
    /// to be one, but not that of the date. 23:59:60 is the first second of the next day.
    ///
    /// - Parameters:
    ///   - value: The field value without surrounding whitespace.
    ///   - now: The current time in seconds since 1970; it gives an RFC 850 year its century.
    /// - Returns: Seconds since 1970, or nil if the value is malformed or names no date in the
    ///   years 1...9999.
    public static func parse(_ value: UnsafeRawBufferPointer, now: Int64) -> Int64? {
        var cursor = FieldCursor(value)
        guard let weekday = cursor.nameIndex(in: dayNames) else { return nil }
        let time: CivilTime?
        if cursor.skip(", ") {
            time = readFixdate(&cursor)
        } else if cursor.skip(" ") {
            time = readAsctime(&cursor)
        } else if cursor.skip(dayNameEnding(weekday)), cursor.skip(", ") {
            time = readRFC850(&cursor, now: now)
        } else {
            return nil
        }
        return cursor.isAtEnd ? time?.secondsSince1970 : nil
    }

    private static let dayNames: StaticString = "SunMonTueWedThuFriSat"
    private static let monthNames: StaticString = "JanFebMarAprMayJunJulAugSepOctNovDec"

    /// What follows the first three letters of a long day name; `weekday` is 0 (Sunday)...6.
    private static func dayNameEnding(_ weekday: Int) -> StaticString {
        switch weekday {
        case 2: "sday"
        case 3: "nesday"
        case 4: "rsday"
        case 6: "urday"
        default: "day"
        }
    }

    /// Reads `06 Nov 1994 08:49:37 GMT`.
    private static func readFixdate(_ cursor: inout FieldCursor) -> CivilTime? {
        guard let day = cursor.decimal(digits: 2), cursor.skip(" "),
            let month = cursor.nameIndex(in: monthNames), cursor.skip(" "),
            let year = cursor.decimal(digits: 4), cursor.skip(" "),
            let clock = readClock(&cursor), cursor.skip(" GMT")
        else { return nil }
        return CivilTime(year: year, month: month + 1, day: day, clock: clock)
    }

    /// Reads `Nov  6 08:49:37 1994`, where a one-digit day has a space before it.
    private static func readAsctime(_ cursor: inout FieldCursor) -> CivilTime? {
        guard let month = cursor.nameIndex(in: monthNames), cursor.skip(" "),
            let day = cursor.decimal(digits: cursor.skip(" ") ? 1 : 2), cursor.skip(" "),
            let clock = readClock(&cursor), cursor.skip(" "),
            let year = cursor.decimal(digits: 4)
        else { return nil }
        return CivilTime(year: year, month: month + 1, day: day, clock: clock)
    }

    /// Reads `06-Nov-94 08:49:37 GMT`.
    private static func readRFC850(_ cursor: inout FieldCursor, now: Int64) -> CivilTime? {
        guard let day = cursor.decimal(digits: 2), cursor.skip("-"),
            let month = cursor.nameIndex(in: monthNames), cursor.skip("-"),
            let digits = cursor.decimal(digits: 2), cursor.skip(" "),
            let clock = readClock(&cursor), cursor.skip(" GMT")
        else { return nil }
        // RFC 9110 §5.6.7: a year that appears to be more than 50 years ahead is the most recent
        // past one with these digits. So: the latest such year that is not further ahead.
        var limit = CivilTime(clamping: now)
        limit.year += 50
        let year = limit.year - (limit.year - digits + 100) % 100
        var time = CivilTime(year: year, month: month + 1, day: day, clock: clock)
        if time.uncheckedSeconds > limit.uncheckedSeconds { time.year -= 100 }
        return time
    }

    private static func readClock(_ cursor: inout FieldCursor) -> CivilTime.Clock? {
        guard let hour = cursor.decimal(digits: 2), cursor.skip(":"),
            let minute = cursor.decimal(digits: 2), cursor.skip(":"),
            let second = cursor.decimal(digits: 2)
        else { return nil }
        return (hour, minute, second)
    }

    /// Writes 0...99 as two digits.
    private static func writeTwoDigits(_ value: Int, to destination: UnsafeMutablePointer<UInt8>) {
        destination[0] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / 10)
        destination[1] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value % 10)
    }
}
