import Testing

@testable import HTTPWire

struct HTTPDateTests {
    /// 1994-11-06T08:49:37Z, the example of RFC 9110 §5.6.7.
    private let example: Int64 = 784_111_777
    /// 2026-11-21T00:00:00Z
    private let now: Int64 = 1_795_219_200

    private func parse(_ text: String, now: Int64? = nil) -> Int64? {
        Array(text.utf8).withUnsafeBytes { HTTPDate.parse($0, now: now ?? self.now) }
    }

    @Test func `the three formats of the RFC name the same second`() {
        #expect(parse("Sun, 06 Nov 1994 08:49:37 GMT") == example)
        #expect(parse("Sunday, 06-Nov-94 08:49:37 GMT") == example)
        #expect(parse("Sun Nov  6 08:49:37 1994") == example)
        #expect(parse("Wed Nov 16 08:49:37 1994") == example + 10 * 86_400)
    }

    @Test func `times are written as fixdate`() {
        #expect(HTTPDate.string(example) == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(HTTPDate.string(0) == "Thu, 01 Jan 1970 00:00:00 GMT")
        #expect(HTTPDate.string(-1) == "Wed, 31 Dec 1969 23:59:59 GMT")
        #expect(HTTPDate.string(951_782_400) == "Tue, 29 Feb 2000 00:00:00 GMT")
        #expect(HTTPDate.string(now) == "Sat, 21 Nov 2026 00:00:00 GMT")
        #expect(HTTPDate.string(2_147_483_648) == "Tue, 19 Jan 2038 03:14:08 GMT")
    }

    @Test func `times outside four-digit years are clamped`() {
        let first = "Mon, 01 Jan 0001 00:00:00 GMT"
        let last = "Fri, 31 Dec 9999 23:59:59 GMT"
        #expect(HTTPDate.string(-62_135_596_800) == first)
        #expect(HTTPDate.string(-62_135_596_801) == first)
        #expect(HTTPDate.string(.min) == first)
        #expect(HTTPDate.string(253_402_300_799) == last)
        #expect(HTTPDate.string(253_402_300_800) == last)
        #expect(HTTPDate.string(.max) == last)
        #expect(parse(first) == -62_135_596_800)
        #expect(parse(last) == 253_402_300_799)
    }

    @Test func `exactly 29 bytes are written`() {
        var bytes = [UInt8](repeating: 0xAA, count: 31)
        bytes.withUnsafeMutableBufferPointer { buffer in
            // The array is not empty, so it has an address.
            HTTPDate.write(example, to: buffer.baseAddress! + 1)
        }
        #expect(bytes.first == 0xAA)
        #expect(bytes.last == 0xAA)
        #expect(String(decoding: bytes[1..<30], as: UTF8.self) == "Sun, 06 Nov 1994 08:49:37 GMT")
    }

    @Test func `every day of two centuries is written as a naive calendar counts it`() {
        var calendar = NaiveCalendar(year: 1900, weekday: 1)
        var seconds: Int64 = -2_208_988_800
        var wrong: [String] = []
        while calendar.year < 2100 {
            let expected = calendar.fixdate
            if HTTPDate.string(seconds) != expected { wrong.append(expected) }
            if parse(expected) != seconds { wrong.append("parsed \(expected)") }
            calendar.advance()
            seconds += 86_400
        }
        #expect(wrong.isEmpty)
        #expect(seconds == 4_102_444_800)
    }

    @Test func `the turns of every February and year come back as they went`() {
        var wrong: [String] = []
        var newYear: Int64 = -62_135_596_800
        for year in 1...9999 {
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            let march = newYear + (isLeap ? 60 : 59) * 86_400
            let digits = String(String(10_000 + year).dropFirst())
            let dates = [
                (newYear, "01 Jan"), (march - 86_400, isLeap ? "29 Feb" : "28 Feb"),
                (march, "01 Mar"), (newYear + (isLeap ? 365 : 364) * 86_400, "31 Dec"),
            ]
            for (seconds, day) in dates {
                let text = HTTPDate.string(seconds)
                let isRight = text.hasSuffix("\(day) \(digits) 00:00:00 GMT")
                if !isRight || parse(text) != seconds { wrong.append(text) }
            }
            newYear += (isLeap ? 366 : 365) * 86_400
        }
        #expect(wrong.isEmpty)
        #expect(newYear == 253_402_300_800)
    }

    @Test func `every second of a day comes back as it went`() {
        let midnight = example - example % 86_400
        var wrong: [Int64] = []
        for second in stride(from: midnight, to: midnight + 86_400, by: 7) {
            if parse(HTTPDate.string(second)) != second { wrong.append(second) }
        }
        #expect(wrong.isEmpty)
    }

    @Test(arguments: [
        "Mon, 06 Nov 1994 08:49:37 GMT", "Monday, 06-Nov-94 08:49:37 GMT",
        "Mon Nov  6 08:49:37 1994",
    ])
    func `the day name need not be that of the date`(_ text: String) {
        #expect(parse(text) == example)
    }

    @Test(arguments: [
        "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
    ])
    func `every day name is known in both lengths`(_ name: String) {
        #expect(parse("\(name), 06-Nov-94 08:49:37 GMT") == example)
        #expect(parse("\(name.prefix(3)), 06 Nov 1994 08:49:37 GMT") == example)
        #expect(parse("\(name.dropLast()), 06-Nov-94 08:49:37 GMT") == nil)
        #expect(parse("\(name), 06 Nov 1994 08:49:37 GMT") == nil)
        #expect(parse("\(name.prefix(3)), 06-Nov-94 08:49:37 GMT") == nil)
        #expect(parse("\(name) Nov  6 08:49:37 1994") == nil)
    }

    @Test(arguments: [
        "31 Apr 2026", "31 Jun 2026", "31 Sep 2026", "31 Nov 2026", "30 Feb 2024", "29 Feb 2023",
        "29 Feb 1900", "00 Jan 2026", "32 Jan 2026", "99 Dec 2026", "01 Jan 0000",
    ])
    func `an impossible date is none`(_ date: String) {
        #expect(parse("Sun, \(date) 08:49:37 GMT") == nil)
    }

    @Test(arguments: ["24:00:00", "00:60:00", "00:00:60", "23:58:60", "22:59:60", "23:59:61"])
    func `an impossible time of day is none`(_ time: String) {
        #expect(parse("Sun, 06 Nov 1994 \(time) GMT") == nil)
        #expect(parse("Sunday, 06-Nov-94 \(time) GMT") == nil)
        #expect(parse("Sun Nov  6 \(time) 1994") == nil)
    }

    @Test func `a leap second is the first of the next day`() {
        #expect(parse("Sat, 31 Dec 2016 23:59:60 GMT") == parse("Sun, 01 Jan 2017 00:00:00 GMT"))
    }

    @Test(arguments: [
        "", " ", "Sun", "Sun,", "Sun, ", "Sun ", "Sunday", "Sunday, ", "0", "-1", "784111777",
        " Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT ",
        "sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 gmt", "SUN, 06 NOV 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 08:49:37 +0000",
        "Sun, 6 Nov 1994 08:49:37 GMT", "Sun,  6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 94 08:49:37 GMT", "Sun, 06 Nov 01994 08:49:37 GMT",
        "Sun, 06  Nov 1994 08:49:37 GMT", "Sun,06 Nov 1994 08:49:37 GMT",
        "Sun, 06-Nov-1994 08:49:37 GMT", "Sun, 06 Nov 1994 8:49:37 GMT",
        "Sun, 06 Nov 1994 08:49 GMT", "Sun, 06 Nov 1994 08.49.37 GMT",
        "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 GMTX",
        "Xun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nox 1994 08:49:37 GMT",
        "Sun, +6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov -994 08:49:37 GMT",
        "Sun, ٠٦ Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT, Sun",
        "Sun Nov 6 08:49:37 1994", "Sun Nov 06  08:49:37 1994", "Sun Nov  6 08:49:37 94",
        "Sun Nov  6 08:49:37 1994 GMT", "Sun Nov   6 08:49:37 1994", "Sun Nov  16 08:49:37 1994",
        "Sunday, 06-Nov-1994 08:49:37 GMT", "Sunday, 06 Nov 94 08:49:37 GMT",
        "Sunday, 6-Nov-94 08:49:37 GMT", "Sunday 06-Nov-94 08:49:37 GMT",
    ])
    func `a malformed date is none`(_ text: String) {
        #expect(parse(text) == nil)
    }

    @Test func `asctime may have a zero before a one-digit day`() {
        #expect(parse("Sun Nov 06 08:49:37 1994") == example)
    }

    @Test func `every cut of a date is malformed`() {
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
        ] {
            for length in 0..<text.utf8.count {
                #expect(parse(String(text.prefix(length))) == nil)
                #expect(parse(String(text.suffix(length))) == nil)
            }
        }
    }

    @Test func `changing any byte of a date gives another date or none`() {
        let original = Array("Sun, 06 Nov 1994 08:49:37 GMT".utf8)
        for position in original.indices {
            for byte in UInt8.min...UInt8.max where byte != original[position] {
                var changed = original
                changed[position] = byte
                let seconds = changed.withUnsafeBytes { HTTPDate.parse($0, now: now) }
                guard let seconds else { continue }
                // Only digits and names may vary, and what is accepted is written the same.
                let written = Array(HTTPDate.string(seconds).utf8)
                #expect(written.dropFirst(3) == changed.dropFirst(3))
            }
        }
    }

    @Test func `a two-digit year is at most 50 years ahead`() {
        let clock = "08:49:37 GMT"
        #expect(parse("Sunday, 06-Nov-25 \(clock)") == parse("Sun, 06 Nov 2025 \(clock)"))
        #expect(parse("Sunday, 06-Nov-27 \(clock)") == parse("Sun, 06 Nov 2027 \(clock)"))
        #expect(parse("Sunday, 06-Nov-75 \(clock)") == parse("Sun, 06 Nov 2075 \(clock)"))
        #expect(parse("Sunday, 06-Nov-77 \(clock)") == parse("Sun, 06 Nov 1977 \(clock)"))
        #expect(parse("Sunday, 06-Nov-00 \(clock)") == parse("Sun, 06 Nov 2000 \(clock)"))
        #expect(parse("Sunday, 06-Nov-99 \(clock)") == parse("Sun, 06 Nov 1999 \(clock)"))
    }

    @Test func `fifty years ahead is decided to the second`() {
        let midnight = "Saturday, 21-Nov-76 00:00:00 GMT"
        #expect(parse(midnight) == parse("Sat, 21 Nov 2076 00:00:00 GMT"))
        #expect(parse(midnight, now: now - 1) == parse("Sat, 21 Nov 1976 00:00:00 GMT"))
        let later = "Saturday, 21-Nov-76 00:00:01 GMT"
        #expect(parse(later) == parse("Sat, 21 Nov 1976 00:00:01 GMT"))
        #expect(parse(later, now: now + 1) == parse("Sat, 21 Nov 2076 00:00:01 GMT"))
    }

    @Test func `a two-digit year near the turn of a century may be in the next one`() {
        let date = "Saturday, 01-Jan-05 00:00:00 GMT"
        // 1999-12-31
        #expect(parse(date, now: 946_598_400) == parse("Sat, 01 Jan 2005 00:00:00 GMT"))
    }

    @Test func `the century decides whether a two-digit year has a leap day`() {
        let date = "Tuesday, 29-Feb-00 00:00:00 GMT"
        #expect(parse(date) == 951_782_400)
        // 2060-01-01: 29 February 2100 is less than 50 years ahead, but there is none.
        #expect(parse(date, now: 2_840_140_800) == nil)
    }

    @Test(arguments: [Int64.min, -62_135_596_800, 0, 253_402_300_799, .max])
    func `any clock is survived`(_ now: Int64) {
        for year in 0...99 {
            let digits = String(String(100 + year).dropFirst())
            let seconds = parse("Sunday, 28-Feb-\(digits) 23:59:59 GMT", now: now)
            let text = seconds.map(HTTPDate.string)
            #expect(text.map { $0.dropFirst(14).prefix(2) == digits } ?? true)
        }
    }
}

/// A calendar that counts day by day, with nothing to get wrong.
private struct NaiveCalendar {
    var year: Int
    var month = 0
    var day = 1
    var weekday: Int

    init(year: Int, weekday: Int) {
        self.year = year
        self.weekday = weekday
    }

    var fixdate: String {
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        return "\(days[weekday]), \(day < 10 ? "0" : "")\(day) \(months[month]) \(year)"
            + " 00:00:00 GMT"
    }

    mutating func advance() {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        weekday = (weekday + 1) % 7
        day += 1
        guard day > lengths[month] else { return }
        day = 1
        month += 1
        guard month == 12 else { return }
        month = 0
        year += 1
    }
}
