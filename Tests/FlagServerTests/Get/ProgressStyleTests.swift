import Testing

@testable import flagserver

struct ProgressStyleTests {
    private static func style(_ variables: [String: String]) -> ProgressStyle {
        ProgressStyle { variables[$0] }
    }

    @Test func `Blocks are for terminals that know them`() {
        #expect(Self.style(["LANG": "pt_BR.UTF-8"]).usesBlocks)
        #expect(Self.style(["LANG": "C", "LC_CTYPE": "C.utf8"]).usesBlocks)
        #expect(Self.style(["LANG": "C", "LC_ALL": "", "LC_CTYPE": "C.utf8"]).usesBlocks)
        #expect(!Self.style(["LANG": "C.UTF-8", "LC_ALL": "C"]).usesBlocks)
        #expect(!Self.style(["LANG": "de_DE.ISO-8859-1"]).usesBlocks)
        #expect(!Self.style([:]).usesBlocks)
    }

    @Test func `Colour can be refused`() {
        #expect(Self.style([:]).usesColor && Self.style(["NO_COLOR": ""]).usesColor)
        #expect(!Self.style(["NO_COLOR": "0"]).usesColor)
        #expect(!Self.style(["TERM": "dumb"]).usesColor)
    }
}
