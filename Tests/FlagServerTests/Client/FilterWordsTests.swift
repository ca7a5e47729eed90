import Testing

@testable import flagserver

struct FilterWordsTests {
    private func query(_ arguments: String...) throws -> String {
        FilterWords.query(
            try FilterWords.pairs(try FilterWords.words(arguments), beside: ["since", "limit"]))
    }

    @Test func `a filter is the same as one argument and as several`() throws {
        #expect(try query() == "")
        let text = "?q=proxy%3Aerror%20-path%3A%2A.json%20delay%3E400ms"
        #expect(try query("proxy:error -path:*.json delay>400ms") == text)
        #expect(try query("proxy:error", "-path:*.json", "delay>400ms") == text)
        #expect(
            try query("proxy=error fault:respond", "path=/flags/*?x=1&y+%")
                == "?q=proxy%3Derror%20fault%3Arespond%20path%3D%2Fflags%2F%2A%3Fx%3D1%26y%2B%25")
        #expect(try query("label:\"a  b\"") == "?q=label%3A%22a%20%20b%22")
    }

    @Test func `what stands beside a filter does so wherever it was written`() throws {
        #expect(try query("limit=5") == "?limit=5")
        #expect(try query("br since:12", "limit=5 -it") == "?since=12&limit=5&q=br%20-it")
        #expect(
            try query("since=2026-11-21T14:02:01Z proxy:a")
                == "?since=2026-11-21T14%3A02%3A01Z&q=proxy%3Aa")
    }

    @Test(arguments: [
        ("proxi=a", "there is no key 'proxi'. Did you mean 'proxy'? There are proxy, path, "),
        ("proxy=", "'proxy=' has no value: write it behind, without a blank."),
        ("delay>soon", "delay: 'soon' is no time like 400 (milliseconds), 400ms or 1.5s."),
        ("label:\"a", "'label:\"a' has a quote without its end"),
        ("limit=1 limit:2", "'limit' is given twice."),
        ("limit>1", "'limit' is no key of a filter: it stands beside one, as limit=…."),
    ])
    func `a mistake is named`(word: String, start: String) {
        let error = refusal { try query(word) }
        #expect(error?.status == .usage)
        #expect(error?.reason.hasPrefix(start) == true, "\(error?.reason ?? "")")
    }

    @Test func `what records are not is no option`() throws {
        let words = ["journal", "-f", "-path:*.json br", "--url", "-br", "-fault=*", "-x:1"]
        #expect(
            try ClientWords.parsable(words)
                == ["journal", "-f", " -path:*.json br", "--url", "-br", " -fault=*", "-x:1"])
        #expect(try ClientWords.parsable(["list", "-path:a"]) == ["list", "-path:a"])
        let command = try FlagserverCommand.parseAsRoot(
            try ClientWords.parsable(["journal", "-f", "-fault:*", "status:5xx"]))
        let journal = try #require(command as? JournalCommand)
        #expect(journal.follow && journal.filters == [" -fault:*", "status:5xx"])
    }
}
