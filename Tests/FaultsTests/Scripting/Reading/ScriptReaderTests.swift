import Testing

@testable import Faults

struct ScriptReaderTests {
    private static let whole = """
        # A comment before all.
        Content-Length promises everything, # and this belongs to it.
        group   body
        expect  error       # a comment
        level   critical
        needs   gzip range
        given   ..40% of other
        source  RFC 9112 §8
        source  RFC 9110 §8.6
        link    https://example.org/issues#5
        alias   PREMATURE_FIN
        exchanges 1...2
        param   at 40% position      # where it ends
        param   size 64kB bytes
        param   delay 1.5s time
        param   n 3 count
        param   kind "a b" word
        param   how fin|rst word

        head        # with what the site says
        body ..$at

        wait $delay
        fin
        """

    @Test func `a header says all that there is to say`() throws {
        let script = try Script.read(Self.whole, name: "truncate")[0]
        #expect(script.name == "truncate")
        #expect(script.sentence == "Content-Length promises everything, # and this belongs to it.")
        var note = FaultNote()
        (note.group, note.expect, note.level) = (.body, .error, .critical)
        (note.needs, note.given) = ([.gzip, .range], .init(percent: 40, isOther: true))
        (note.sources, note.aliases) = (["RFC 9112 §8", "RFC 9110 §8.6"], ["PREMATURE_FIN"])
        note.links = ["https://example.org/issues#5"]
        #expect(script.note == note)
        #expect(script.exchanges == (try ExchangeRange("1...2")))
        #expect(script.text == Self.whole)
        #expect(!script.isOwn)
    }

    @Test func `parameters are attributes with their defaults`() throws {
        let script = try Script.read(Self.whole)[0]
        #expect(script.parameters.map(\.name) == ["at", "size", "delay", "n", "kind", "how"])
        #expect(script.parameters.map(\.unit.symbol) == ["%", "B", "ms", "", "", ""])
        #expect(script.parameters[0].summary == "where it ends")
        #expect(
            script.parameters.map(\.defaultQuantity) == [
                .fraction(0.4), .number(64_000), .number(1_500_000_000), .number(3), .word("a b"),
                .word("fin"),
            ])
        #expect(script.parameters[5].choices == ["fin", "rst"])
        #expect(throws: FaultError("how 'fun' is none of fin and rst. Did you mean 'fin'?")) {
            _ = try script.parameters[5].checked(.word("fun"))
        }
        #expect(try script.parameters[0].quantity("4096B") == .number(4096))
        #expect(try script.parameters[0].quantity("12.5%") == .fraction(0.125))
        #expect(try script.parameters[0].quantity(apiInteger: 50) == .fraction(0.5))
    }

    @Test func `a variant has what is said for all, but for what it says itself`() throws {
        let scripts = try Script.read(
            """
            All.
            expect error
            source A
            alias OLD
            param at 40% position

            variant first

            body ..$at
            variant second It does something else.
            expect accept
            source B
            source C
            alias NEW
            param at 3 position
            param n 1 count

            body ..$at
            repeat $n
            fill 1 zero
            done
            """, name: "it")
        #expect(scripts.map(\.name) == ["it.first", "it.second"])
        #expect(scripts.map(\.sentence) == ["All.", "It does something else."])
        #expect(scripts.map(\.note.expect) == [.error, .accept])
        #expect(scripts.map(\.note.sources) == [["A"], ["B", "C"]])
        #expect(scripts.map(\.note.aliases) == [["OLD"], ["NEW"]])
        #expect(scripts.map { $0.parameters.map(\.name) } == [["at"], ["at", "n"]])
        #expect(scripts[1].parameters[0].defaultQuantity == .number(3))
    }

    @Test func `lines may end as on other systems`() throws {
        let text = Self.whole.replacing("\n", with: "\r\n")
        #expect(try Script.read(text)[0].note == Script.read(Self.whole)[0].note)
    }

    @Test func `variables stand in texts with their names`() throws {
        let text = """
            "$length $size $first $last $etag $type $target $path $authority $elsewhere $next \
            $other.length $other.etag. $date $date+60s ${date-1m} $length+5 ${length}+5 $first-$last \
            \\x24length $ $5 $at $delay $kind $at+1"
            """
        let header = "param at 40% position\nparam delay 1500ms time\nparam kind x word"
        let sent = String(
            decoding: try ScriptPlay.bytes("send \(text)", header: header), as: UTF8.self)
        #expect(
            sent == "10 10 0 9 \"a\" image/gif /truncate/flags/br/br.gif /flags/br/br.gif "
                + "localhost:8005 http://localhost:8001 "
                + "http://localhost:8005/redirect;n=1/flags/br/br.gif 5 \"o\". "
                + "Sun, 06 Nov 1994 08:49:37 GMT Sun, 06 Nov 1994 08:50:37 GMT "
                + "Sun, 06 Nov 1994 08:48:37 GMT 15 10+5 0-9 $length $ $5 4 1.5 x 5")
    }

    @Test func `the part of an answer is told by its Content-Range`() throws {
        var play = try ScriptPlay("send \"$first-$last/$size $length\"")
        play.answer.head = Array(
            "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 4-9/10\r\nContent-Length: 6\r\n\r\n"
                .utf8)
        play.answer.body = Array("456789".utf8)
        play.take()
        play.goOn()
        #expect(play.bytes == Array("4-9/10 6".utf8))
    }

    @Test func `what is no text is refused with its line`() {
        let bytes: [UInt8] = Array("It.\n\nhead\n".utf8) + [0xff, 0x0a]
        let error = ScriptError(line: 4, column: 1, "This is not text: it is no UTF-8.")
        #expect(throws: error) {
            _ = try bytes.withUnsafeBytes { bytes throws(ScriptError) in try Script.read(bytes) }
        }
    }

    @Test func `the manual has every word, in lines of 80 columns`() {
        let manual = Script.manual
        for verb in ScriptVerb.allCases {
            #expect(verb.forms.allSatisfy { $0.hasPrefix(verb.rawValue) || $0.hasPrefix(" ") })
            for form in verb.forms { #expect(manual.contains("  \(form)\n")) }
        }
        for word in ScriptHeader.Keyword.allCases {
            #expect(manual.contains("  \(word.rawValue) "))
        }
        for line in manual.split(separator: "\n") { #expect(line.count <= 90, "\(line)") }
    }
}
