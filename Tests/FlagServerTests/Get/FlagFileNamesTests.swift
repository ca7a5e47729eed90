import Testing

@testable import flagserver

struct FlagFileNamesTests {
    private static func name(_ country: String, _ code: String = "CI") -> String {
        var names = FlagFileNames()
        return names.name(of: country, code: code)
    }

    @Test(arguments: [
        ("Côte d'Ivoire", "Côte_d'Ivoire.gif"), ("Brazil", "Brazil.gif"),
        ("Korea, North", "Korea,_North.gif"), ("Congo (Kinshasa)", "Congo_(Kinshasa).gif"),
        ("Guinea-Bissau", "Guinea-Bissau.gif"), ("日本", "日本.gif"), ("St. Lucia", "St._Lucia.gif"),
    ])
    func `A country is its file's name, with blanks as underscores`(
        country: String, file: String
    ) {
        #expect(Self.name(country) == file)
    }

    @Test(arguments: [
        ("../../etc/passwd", "_.._etc_passwd.gif"), ("/etc/passwd", "_etc_passwd.gif"),
        ("..\\..\\x", "_.._x.gif"), ("C:\\con", "C__con.gif"), (".bashrc", "bashrc.gif"),
        ("...a", "a.gif"), ("-rf", "rf.gif"), (".-.-x", "x.gif"), ("a\u{0}b", "ab.gif"),
        ("a\nb\r\tc", "abc.gif"), ("\u{1b}[2Jx", "[2Jx.gif"), ("a\u{9b}b", "ab.gif"),
        ("\u{202e}fig.exe", "fig.exe.gif"), ("a\u{200f}\u{2066}b\u{2069}\u{61c}", "ab.gif"),
        ("a\u{200b}\u{feff}\u{200d}b", "ab.gif"), ("a\u{2028}\u{2029}b", "ab.gif"),
        ("a\u{e000}\u{fffe}b", "ab.gif"), ("a\u{a0}\u{3000}b", "a__b.gif"),
        ("a*?\"<>|b", "a______b.gif"), ("\u{0}..\u{0}/x", "_x.gif"),
    ])
    func `What would leave the folder or fool an eye is taken out`(
        country: String, file: String
    ) {
        #expect(Self.name(country) == file)
    }

    @Test(arguments: ["", " ", "...", "..", ".", "/", "-", "___", "\u{202e}", "\u{0}\u{7f}", "'"])
    func `Of what says nothing the code is left`(country: String) {
        #expect(Self.name(country) == "CI.gif")
    }

    @Test func `A name has at most 200 bytes and ends with a whole character`() {
        let long = Self.name(String(repeating: "é", count: 5_000))
        #expect(long == String(repeating: "é", count: 98) + ".gif")
        #expect(long.utf8.count == 200)
        let stacked = Self.name("a" + String(repeating: "\u{301}", count: 100_000))
        #expect(stacked.utf8.count == 199)
        #expect(Self.name(String(repeating: "x", count: 196)).utf8.count == 200)
    }

    @Test func `Names that are taken get their codes`() {
        var names = FlagFileNames()
        #expect(names.name(of: "Congo", code: "CD") == "Congo.gif")
        #expect(names.name(of: "Congo", code: "CG") == "Congo_CG.gif")
        #expect(names.name(of: "CONGO", code: "XX") == "CONGO_XX.gif")
        #expect(names.name(of: "Congo", code: "CG") == "Congo_CG_2.gif")
        #expect(names.name(of: "Congo CG", code: "YY") == "Congo_CG_YY.gif")
        #expect(names.name(of: "e\u{301}", code: "AA") == "e\u{301}.gif")
        #expect(names.name(of: "\u{e9}", code: "BB") == "\u{e9}_BB.gif")
        let long = String(repeating: "x", count: 300)
        #expect(names.name(of: long, code: "CC").utf8.count == 200)
        #expect(names.name(of: long, code: "DD") == String(repeating: "x", count: 193) + "_DD.gif")
    }

    @Test func `Without countries files have their codes`() {
        #expect(FlagFileNames.plain("BR") == "BR.gif")
    }
}
