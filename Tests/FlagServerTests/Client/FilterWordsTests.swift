import Testing

@testable import flagserver

struct FilterWordsTests {
    private func query(_ arguments: String...) throws -> String {
        FilterWords.query(
            try FilterWords.pairs(
                FilterWords.words(arguments), known: FilterWords.keys + ["since", "limit"]))
    }

    @Test func `words have a colon or an equals sign, and stand in any number of arguments`() throws
    {
        #expect(try query() == "")
        #expect(
            try query("proxy=error fault:respond", "path=/flags/*?x=1&y+%")
                == "?proxy=error&fault=respond&path=%2Fflags%2F%2A%3Fx%3D1%26y%2B%25")
        #expect(try query("client=::1") == "?client=%3A%3A1")
        #expect(try query("client:10.0.0.0/8") == "?client=10.0.0.0%2F8")
    }

    @Test(arguments: [
        ("proxi=a", "there is no 'proxi' to ask for (", "). Did you mean 'proxy'?"),
        ("error", "'error' is no key=value.", " Write proxy=error; there are "),
        ("proxy=", "'proxy=' is no key=value.", "end, label, since, limit."),
        ("proxy=a proxy:b", "'proxy' is given twice.", ""),
    ])
    func `a mistake is named`(word: String, start: String, end: String) {
        let error = refusal { try query(word) }
        #expect(error?.status == .usage)
        #expect(error?.reason.hasPrefix(start) == true, "\(error?.reason ?? "")")
        #expect(error?.reason.contains(end) == true || end.isEmpty, "\(error?.reason ?? "")")
    }
}
