import FlagSite
import Testing

struct CountryCodeTests {
    @Test func `a code is two lower-case letters`() {
        for text in ["br", "aa", "zz", "az"] { #expect(CountryCode(text)?.description == text) }
        let others = [
            "", "b", "bra", "BR", "Br", "b1", "1b", "b ", " b", "ü", "é", "b\0", "..", "{a", "`a",
            "ab\u{301}",
        ]
        for text in others { #expect(CountryCode(text) == nil, "\(text.debugDescription)") }
    }

    @Test func `a part of a text will do`() {
        #expect(CountryCode("br/br.gif".split(separator: "/")[0])?.description == "br")
    }

    @Test func `codes are in the order of the alphabet`() throws {
        let codes = ["zw", "ad", "az", "ae"].compactMap { CountryCode($0) }
        #expect(codes.sorted().map(\.description) == ["ad", "ae", "az", "zw"])
        #expect(CountryCode("br") == CountryCode("br"))
        #expect(CountryCode("br") != CountryCode("cn"))
    }
}
