import Records
import Testing

@testable import Sweeping

@Suite struct FigureTests {
    @Test func `fixed decimals are rounded and keep their zeros`() {
        #expect(Figure.fixed(0, places: 0) == "0")
        #expect(Figure.fixed(0.05, places: 2) == "0.05")
        #expect(Figure.fixed(1.999, places: 2) == "2.00")
        #expect(Figure.fixed(-12.34, places: 1) == "-12.3")
        #expect(Figure.fixed(-0.001, places: 1) == "0.0")
        #expect(Figure.fixed(123_456_789, places: 3) == "123456789.000")
        #expect(Figure.fixed(1e300, places: 3) == "1e+300")
        #expect(Figure.fixed(.nan, places: 1) == "?")
        #expect(Figure.fixed(-.infinity, places: 1) == "?")
        #expect(Figure.fixed(1, places: .max) == "1.000000000")
    }

    @Test(arguments: [
        (2.0, "2.00"), (26.13, "26.1"), (104.9, "105"), (5321.4, "5321"), (9.996, "10.0"),
        (99.96, "100"), (0.01234, "0.0123"), (0, "0.0"), (0.000_01, "0.0000"),
        (99_999, "99999"), (123_456, "123k"), (999_600, "1.00M"), (12_340_000, "12.3M"),
        (5e14, "500T"), (1e300, "1e300"), (.nan, "?"), (.infinity, "?"),
    ])
    func `a rate has three digits that count`(rate: Double, text: String) {
        #expect(Figure.rate(rate) == text)
    }

    @Test func `short rates have no zeros at the end`() {
        #expect(Figure.short(10) == "10")
        #expect(Figure.short(5.5) == "5.5")
        #expect(Figure.short(100) == "100")
        #expect(Figure.short(200_000) == "200k")
        #expect(Figure.short(0) == "0")
        #expect(Figure.short(.nan) == "?")
    }

    @Test(arguments: [
        (104.93, 1.82, "104.9 ± 1.8"), (2.0034, 0.0121, "2.003 ± 0.012"), (2217, 40, "2217 ± 40"),
        (16, 1.04, "16.0 ± 1.0"), (16, 0.0001, "16.00 ± 0.00"), (2, 0, "2.00 ± 0.00"),
        (2, .infinity, "2.00 ± ?"), (.nan, 1, "? ± 1.00"), (123_456, 1234, "123k ± 1234"),
        (0, 0, "0.0 ± 0.0"), (1, 1e9, "1 ± 1.00G"),
    ])
    func `a mean has the places of its half-width`(mean: Double, half: Double, text: String) {
        #expect(Figure.plusMinus(Interval(mean: mean, halfWidth: half)) == text)
    }

    @Test(arguments: [
        (0.000_18, "180 µs"), (0.001_31, "1.3 ms"), (0.012, "12 ms"), (0.5, ".50 s"),
        (1.31, "1.31 s"), (12.34, "12.3 s"), (125, "125 s"), (1e6, "278 h"), (1e300, "9999 h"),
        (0, "0 s"), (-1, "0 s"), (1e-9, "<1 µs"), (.nan, "?"), (.infinity, "?"),
    ])
    func `a time has two or three digits and its unit`(seconds: Double, text: String) {
        #expect(Figure.time(seconds) == text)
    }

    /// The limits are where rounding would give a digit more or less than wanted.
    @Test func `times need at most six columns and never get shorter as they grow`() {
        var seconds = 1e-7
        while seconds < 1e9 {
            let text = Figure.time(seconds)
            #expect(text.columns <= 6, "\(text)")
            #expect(!text.hasPrefix("1000 ms") && !text.hasPrefix("1000 µs"), "\(text)")
            seconds *= 1.001
        }
        #expect(Figure.time(0.000_999_4) == "999 µs")
        #expect(Figure.time(0.000_999_6) == "1.0 ms")
        #expect(Figure.time(0.099_4) == "99 ms")
        #expect(Figure.time(0.099_6) == ".10 s")
        #expect(Figure.time(0.994) == ".99 s")
        #expect(Figure.time(0.996) == "1.00 s")
        #expect(Figure.time(9.996) == "10.0 s")
        #expect(Figure.time(99.96) == "100 s")
    }

    @Test func `a percentage is 0 or 100 only if it is just that`() {
        let parts = [0, 0.0001, 0.031, 0.27, 0.9999, 1, 2, .nan]
        #expect(
            parts.map(Figure.percent) == [
                "0 %", "<.1 %", "3.1 %", "27 %", ">99 %", "100 %", "200 %", "?",
            ])
    }

    @Test func `a tiny part has two digits that count`() {
        #expect(Figure.small(0.02) == "0.02")
        #expect(Figure.small(0.000_123) == "0.00012")
        #expect(Figure.small(0.001) == "0.001")
        // There are no more than nine places.
        #expect(Figure.small(1.2e-8) == "0.000000012")
        #expect(Figure.small(1.2e-9) == "0.000000001")
        #expect(Figure.small(9.8e-10) == "1e-10")
        #expect(Figure.small(1e-12) == "1e-12")
        #expect(Figure.small(0) == "0")
        #expect(Figure.small(.nan) == "?")
    }

    @Test func `a speed-up is a factor`() {
        #expect([1, 52.46, 104.4, .nan].map(Figure.factor) == ["1.0×", "52.5×", "104×", "?×"])
    }
}
