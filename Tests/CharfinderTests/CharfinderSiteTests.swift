import HTTPWire
import Testing

@testable import Charfinder

/// The site, asked by a text.
struct CharfinderSiteTests {
    private let turns = ManualTurns()
    private let site: CharfinderSite

    init() {
        site = CharfinderSite(
            IndexFixture.whole.index, extraFields: [HTTPField("X-Extra", "yes")],
            rows: RowTurns(turns: turns.add), turns: turns.add)
    }

    /// An answer, copied out.
    private struct Seen {
        var status: UInt16 = 0
        var fields: [HTTPField] = []
        var text = ""
        var largestPiece = 0
        var contentLength: Int?

        subscript(name: String) -> String? { fields.first { $0.name == name }?.value }
    }

    private func ask(
        _ target: String, _ fields: [String] = [], method: String = "GET"
    ) throws -> Seen {
        let lines = fields.map { $0 + "\r\n" }.joined()
        let head = Array("\(method) \(target) HTTP/1.1\r\nHost: x\r\n\(lines)\r\n".utf8)
        var answer: SiteAnswer?
        try head.withUnsafeBytes { head in
            var skipped = 0
            answer = try HTTPParser.parse(head, skipped: &skipped).map(site.answer)
        }
        if case .late(let late) = answer {
            late.onAnswer = { answer = $0 }
            turns.finish()
        }
        return try #require(answer.flatMap(see))
    }

    private func see(_ answer: SiteAnswer) -> Seen? {
        var seen = Seen(status: answer.status?.code ?? 0, contentLength: answer.bodyCount)
        switch answer {
        case .prepared(let response):
            seen.fields = response.fields
            seen.text = String(decoding: response.body.memory.map(Array.init) ?? [], as: UTF8.self)
        case .made(let response):
            seen.fields = response.fields
            let body = response.body.flatMap { $0.memory.map(Array.init) ?? [] }
            seen.text = String(decoding: body, as: UTF8.self)
        case .streamed(let stream):
            seen.fields = stream.fields
            var bytes: [UInt8] = []
            while case .bytes(let piece) = stream.next() {
                bytes += piece
                seen.largestPiece = max(seen.largestPiece, piece.count)
            }
            seen.text = String(decoding: bytes, as: UTF8.self)
        case .late: return nil
        }
        return seen
    }

    private func rows(_ text: String) -> Int { text.utf8.count { $0 == 0x0a } }

    @Test func `the second edition's answer is JSON`() throws {
        let seen = try ask("/search?q=cat%20smiling")
        #expect(seen.status == 200)
        #expect(seen["Content-Type"] == "application/json")
        #expect(seen["X-Total-Count"] == "3")
        #expect(seen["Link"] == nil)
        #expect(
            seen.text == """
                [{"char":"\u{1f638}","name":"GRINNING CAT FACE WITH SMILING EYES"},\
                {"char":"\u{1f63a}","name":"SMILING CAT FACE WITH OPEN MOUTH"},\
                {"char":"\u{1f63b}","name":"SMILING CAT FACE WITH HEART-SHAPED EYES"}]
                """)
        #expect(try ask("/search?q=").text == "[]")
        #expect(try ask("/search?q=no+such").text == "[]")
    }

    @Test func `the first edition's answer is a page`() throws {
        let seen = try ask("/?query=Smiling+cat")
        #expect(seen["Content-Type"] == "text/html; charset=utf-8")
        for part in [
            "<title>Smiling cat – charfinder</title>", "value=\"Smiling cat\"",
            ">3 matches for 'Smiling cat'</p>",
            "<tr><td>U+1F638</td><th>\u{1f638}</th><td>GRINNING CAT FACE WITH SMILING EYES</td>",
            "<a href=\"/?query=Braille\" title=\"find &quot;Braille&quot;\">Braille</a>",
        ] {
            #expect(seen.text.contains(part), "\(part)")
        }
        #expect(!seen.text.contains("<script>"))
        #expect(!seen.text.contains("rows-->"))
    }

    @Test func `without a query there is the form alone`() throws {
        for target in ["/", "/?query=", "/?query=+%09", "/?x=y"] {
            let seen = try ask(target)
            #expect(seen.status == 200)
            #expect(seen.text.contains("Enter words describing characters."))
            #expect(seen.text.contains("<input type=\"search\" name=\"query\" value=\"\">"))
            #expect(!seen.text.contains("<table>"))
        }
    }

    @Test func `the form needs no index`() throws {
        let turns = ManualTurns()
        let site = CharfinderSite(
            CharacterIndex(turns: turns.add), rows: RowTurns(turns: turns.add), turns: turns.add)
        let head = Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
        try head.withUnsafeBytes { head in
            var skipped = 0
            let request = try #require(try HTTPParser.parse(head, skipped: &skipped))
            #expect(site.answer(request).status == 200)
        }
        #expect(turns.isEmpty)
    }

    @Test func `a query cannot harm the page`() throws {
        let seen = try ask("/?query=%3Cscript%3E%22%27%26%E2%80%AE%3C!--rows--%3E")
        #expect(!seen.text.contains("<script>"))
        #expect(!seen.text.contains("<!--rows"))
        #expect(seen.text.contains("value=\"&lt;script&gt;&quot;'&amp;"))
        #expect(!seen.text.unicodeScalars.contains("\u{202e}"))
        let controls = try ask("/?query=x%00%C2%80%C2%9F%C2%A0x")
        #expect(controls.text.contains("value=\"x\u{fffd}\u{fffd}\u{fffd}&#xa0;x\""))
    }

    @Test func `rows come 200 at a time, and each page leads to the next`() throws {
        let count = IndexFixture.whole.index.matches("digit").count
        var (target, names, pages) = (Optional("/search?q=digit"), [Substring](), 0)
        while let next = target {
            let seen = try ask(next)
            let here = seen.text.split(separator: "\"name\":").dropFirst()
            #expect(here.count == min(200, count - names.count))
            names += here
            pages += 1
            target = seen["Link"].map { String($0.dropFirst().prefix { $0 != ">" }) }
        }
        #expect((names.count, pages) == (count, (count + 199) / 200))
        let whole = try ask("/search?q=digit&stop=all")
        #expect(whole.text.split(separator: "\"name\":").count == count + 1)
    }

    @Test func `a page tells which part it is, and where the rest is`() throws {
        let seen = try ask("/?query=digit&start=200")
        let count = IndexFixture.whole.index.matches("digit").count
        for part in [
            ">\(count) matches for 'digit', 201 to 400</p>",
            "<a id=\"more\" href=\"/?query=digit&amp;start=400\">more</a>",
            "<a href=\"/?query=digit&amp;stop=all\">all \(count)</a>", "<script>",
        ] {
            #expect(seen.text.contains(part), "\(part)")
        }
        #expect(seen.text.components(of: "<tr><td>U+") == 200)
        let last = try ask("/?query=digit&start=\(count - 1)")
        #expect(last.text.components(of: "<tr><td>U+") == 1)
        #expect(!last.text.contains("id=\"more\""))
    }

    @Test(arguments: [
        ("start=3&stop=5", 2), ("start=0&stop=0", 0), ("stop=7", 7), ("start=99999999", 0),
        ("start=5&stop=all", 123), ("stop=999999999", 128),
    ])
    func `rows are counted from 0, without the one that stops`(
        _ part: String, _ count: Int
    ) throws {
        // BRAILLE PATTERN DOTS-8 and all that have more dots beside it.
        let all = IndexFixture.whole.index.matches("braille").count
        let expected = count == 123 ? all - 5 : count == 128 ? all : count
        let seen = try ask("/search?q=braille&\(part)")
        #expect(seen.text.components(of: "\"name\"") == expected)
    }

    @Test(arguments: [
        ("/search", "What is to be found is missing: /search?q=digit."),
        ("/search?query=digit", "What is to be found is missing: /search?q=digit."),
        ("/search?q=a&start=x", "start=x is no number of a row: 0 to 999999999."),
        ("/search?q=a&start=-1", "start=-1 is no number of a row: 0 to 999999999."),
        ("/?query=a&start=", "start= is no number of a row: 0 to 999999999."),
        ("/?query=a&start=%0d%0a", "start='\\r\\n' is no number of a row: 0 to 999999999."),
        ("/?query=a&stop=1e3", "stop=1e3 is no number of a row: 0 to 999999999, or all."),
        (
            "/?query=a&stop=1000000000",
            "stop=1000000000 is no number of a row: 0 to 999999999, or all."
        ),
        ("/?query=a&start=9&stop=8", "stop=8 lies before start=9."),
        ("/?query=%zz", "The query has a malformed percent-encoding."),
        ("/?query=%ff", "The query is no UTF-8."),
    ])
    func `what cannot be answered is told why`(_ target: String, _ words: String) throws {
        let seen = try ask(target)
        #expect((seen.status, seen.text) == (400, words + "\n"))
    }

    @Test func `what is not there, or cannot be done`() throws {
        #expect(try ask("/x").status == 404)
        #expect(try ask("/search/?q=a").status == 404)
        for method in ["POST", "PUT", "DELETE", "PATCH", "TRACE"] {
            let seen = try ask("/search?q=digit", method: method)
            #expect((seen.status, seen["Allow"]) == (405, "GET, HEAD, OPTIONS"))
        }
        #expect(try ask("/", method: "OPTIONS").status == 204)
        #expect(try ask("/", method: "BREW").status == 501)
    }

    @Test func `whoever has it need not get it again`() throws {
        for target in ["/search?q=digit", "/?query=digit", "/search?q=cjk&stop=all"] {
            let tag = try #require(try ask(target)["ETag"])
            #expect(try ask(target, ["If-None-Match: \(tag)"]).status == 304)
            #expect(try ask(target, ["If-None-Match: \"x\", \(tag)"]).text == "")
            #expect(try ask(target, ["If-None-Match: \"x\""]).status == 200)
            let refused = try ask(target, ["If-Match: \"x\""])
            #expect((refused.status, refused["X-Extra"]) == (412, "yes"))
            #expect(try ask(target, ["If-Match: \(tag)"]).status == 200)
        }
        let tags = try ["start=1", "start=2", "stop=3", ""].map {
            try ask("/search?q=digit&\($0)")["ETag"]
        }
        #expect(Set(tags).count == 4)
    }

    @Test(arguments: ["/search?q=cjk&stop=all", "/?query=cjk&stop=all"])
    func `all of cjk is as long as was said, and comes in small pieces`(_ target: String) throws {
        let count = IndexFixture.whole.index.matches("cjk").count
        let seen = try ask(target)
        #expect(seen.contentLength == seen.text.utf8.count)
        #expect(seen["X-Total-Count"] == "\(count)")
        #expect(seen.largestPiece < 2 * RowWriter.piece)
        #expect(count > 97_000 && seen.text.utf8.count > 5_000_000)
        #expect(seen.text.components(of: "CJK UNIFIED IDEOGRAPH-4E01\"}") <= 1)
        #expect(seen.text.hasSuffix(target.hasPrefix("/search") ? "\"}]" : "</html>\n"))
        // The second time its length is known.
        #expect(turns.isEmpty)
        #expect(try ask(target, method: "HEAD").contentLength == seen.contentLength)
    }

    @Test func `a client that leaves is not counted for`() throws {
        let head = Array("GET /search?q=cjk&stop=all HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
        try head.withUnsafeBytes { head in
            var skipped = 0
            let request = try #require(try HTTPParser.parse(head, skipped: &skipped))
            _ = site.answer(request)
        }
        turns.turn()
        #expect(turns.isEmpty)
    }

    @Test func `who asks for what is being measured waits for the same measurement`() throws {
        let head = Array("GET /search?q=hangul&stop=all HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
        var late: [LateAnswer] = []
        var lengths: [Int?] = []
        try head.withUnsafeBytes { head in
            for _ in 0..<5 {
                var skipped = 0
                let request = try #require(try HTTPParser.parse(head, skipped: &skipped))
                guard case .late(let answer) = site.answer(request) else { continue }
                answer.onAnswer = { lengths.append($0.bodyCount) }
                late.append(answer)
            }
        }
        #expect(late.count == 5 && turns.count == 1)
        late.remove(at: 1)
        var told = 0
        while !turns.isEmpty {
            turns.turn()
            #expect(lengths.count <= told + 1, "two in one turn")
            told = lengths.count
        }
        let length = try ask("/search?q=hangul&stop=all").text.utf8.count
        #expect(lengths == [length, length, length, length])
    }

    @Test func `short answers are kept, within bounds`() {
        var kept = KeptAnswers()
        func response(_ count: Int) -> PreparedResponse {
            PreparedResponse(200, fields: [], body: Bytes([UInt8](repeating: 0, count: count)))
        }
        kept.keep(response(KeptAnswers.maximumBody + 1), [1])
        #expect(kept.size == 0)
        for number in 0..<1000 {
            kept.keep(response(60_000), Array("\(number)".utf8))
            #expect(kept.size <= KeptAnswers.maximumSize)
        }
        #expect(Array("999".utf8).withUnsafeBytes { kept[$0] } != nil)
        #expect(Array("1".utf8).withUnsafeBytes { kept[$0] } == nil)
    }

    @Test func `an answer of up to 64 KiB is kept, and all are forgotten above 4 MiB`() {
        func response(_ count: Int) -> PreparedResponse {
            PreparedResponse(200, fields: [], body: Bytes([UInt8](repeating: 0, count: count)))
        }
        func has(_ target: [UInt8], _ kept: KeptAnswers) -> Bool {
            target.withUnsafeBytes { kept[$0] } != nil
        }
        var kept = KeptAnswers()
        kept.keep(response(65_537), [0])
        #expect(!has([0], kept) && kept.size == 0)
        kept.keep(response(65_536), [0])
        #expect(has([0], kept) && kept.size > 3 * 65_536)
        let first = kept.size
        kept.keep(response(1), [0])
        #expect(kept.size == first)
        // Each lies there up to three times: there is room for 21.
        let targets = (0..<21).map { [UInt8($0)] }
        for target in targets { kept.keep(response(65_536), target) }
        #expect(targets.allSatisfy { has($0, kept) })
        #expect(kept.size == 21 * first)
        var small = KeptAnswers()
        small.keep(response(0), [])
        // A target as long as there is room, and one that is longer.
        let target = [UInt8](repeating: 0, count: 4_194_304 - kept.size - small.size)
        var full = kept
        full.keep(response(0), target)
        #expect(full.size == 4_194_304 && has([0], full) && has(target, full))
        kept.keep(response(0), target + [0])
        #expect(!has([0], kept) && has(target + [0], kept))
        #expect(kept.size == small.size + target.count + 1)
    }
}

extension String {
    /// How often a text is in it.
    fileprivate func components(of text: String) -> Int {
        let (whole, part) = (Array(utf8), Array(text.utf8))
        guard let first = part.first else { return 0 }
        return whole.indices.count {
            whole[$0] == first && whole[$0...].starts(with: part)
        }
    }
}
