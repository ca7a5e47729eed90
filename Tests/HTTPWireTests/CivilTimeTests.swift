import Testing

@testable import HTTPWire

struct CivilTimeTests {
    private func time(_ date: (Int, Int, Int), _ clock: CivilTime.Clock = (0, 0, 0)) -> CivilTime {
        CivilTime(year: date.0, month: date.1, day: date.2, clock: clock)
    }

    @Test func `every 13th day from year 1 to 9999 is found again`() {
        let range = CivilTime.range
        for day in stride(from: range.lowerBound, to: range.upperBound, by: 13 * 86_400) {
            let second = day + (day & 0xffff)
            let read = CivilTime(clamping: second).secondsSince1970
            guard read != second else { continue }
            Issue.record("\(second) is read as \(read ?? -1)")
            return
        }
    }

    @Test func `what lies outside is the nearest time inside`() {
        let (first, last) = (CivilTime(clamping: .min), CivilTime(clamping: .max))
        #expect((first.year, first.month, first.day, first.second) == (1, 1, 1, 0))
        #expect((last.year, last.month, last.day, last.second) == (9999, 12, 31, 59))
    }

    @Test(
        arguments: [
            (0, 1, 1), (10_000, 1, 1), (2026, 0, 1), (2026, 13, 1), (2026, 1, 0), (2026, 1, 32),
            (2026, 2, 29), (1900, 2, 29), (2026, 4, 31), (2026, -1, 1),
        ])
    func `there is no such date`(year: Int, month: Int, day: Int) {
        #expect(time((year, month, day)).secondsSince1970 == nil)
    }

    @Test func `a leap second is the last of its day, and there is no other`() {
        let next = time((2017, 1, 1)).secondsSince1970
        #expect(time((2016, 12, 31), (23, 59, 60)).secondsSince1970 == next)
        for clock in [(22, 59, 60), (23, 58, 60), (23, 59, 61), (24, 0, 0), (0, 60, 0)] {
            #expect(time((2016, 12, 31), clock).secondsSince1970 == nil)
        }
    }
}
