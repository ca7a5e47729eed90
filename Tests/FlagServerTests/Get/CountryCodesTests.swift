import Testing

@testable import flagserver

struct CountryCodesTests {
    private func codes(
        _ named: [String] = [], every: Bool = false, all: Bool = false, limit: Int = .max,
        countries: [String] = ["zw", "br", "ad"]
    ) throws -> [String] {
        try CountryCodes(
            every: every, all: all, named: named, countries: countries, limit: limit
        ).sorted
    }

    @Test func `Every code is two letters, sorted`() throws {
        let codes = try codes(every: true)
        #expect(codes.count == 676 && Set(codes).count == 676 && codes == codes.sorted())
        #expect(codes.first == "AA" && codes.last == "ZZ")
    }

    @Test func `All codes are those that have a flag`() throws {
        #expect(try codes(all: true) == ["AD", "BR", "ZW"])
        #expect(try codes(["123"], all: true) == ["AD", "BR", "ZW"])
    }

    @Test func `A letter means its 26, and each code comes once`() throws {
        #expect(try codes(["b"]).count == 26)
        #expect(try codes(["bz", "b", "BA", "aa", "b"]).count == 27)
        #expect(try codes(["us", "BR", "br"]) == ["BR", "US"])
        #expect(try codes(["us", "BR"], every: true).count == 676)
    }

    @Test func `A limit keeps the first in the alphabet`() throws {
        #expect(try codes(["z", "a"], limit: 2) == ["AA", "AB"])
        #expect(try codes(limit: 1) == ["BD"])
        #expect(try codes(every: true, limit: 677).count == 676)
    }

    @Test func `Who asks for nothing gets the 20 most populous`() throws {
        #expect(try codes() == CountryCodes.mostPopulous)
        #expect(CountryCodes.mostPopulous == CountryCodes.mostPopulous.sorted())
        #expect(Set(CountryCodes.mostPopulous).count == 20)
        #expect(try codes(all: true, countries: []) == CountryCodes.mostPopulous)
    }

    @Test(arguments: ["", "BRA", "1", "B1", "é", "ÀB", "../", "-5", "B "])
    func `What is no letter or two is refused`(name: String) {
        let error = #expect(throws: GetUsageError.self) { try codes([name]) }
        #expect(error?.reason == "each CC argument must be A to Z or AA to ZZ.")
    }
}
