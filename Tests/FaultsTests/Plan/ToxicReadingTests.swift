import HTTPWire
import Testing

@testable import Faults

struct ToxicReadingTests {
    private typealias Field = ToxicField

    private func read(
        _ fields: [ToxicField], _ syntax: ToxicReading.Syntax
    ) throws(ToxicError) -> Toxic {
        try ToxicReading(fields, as: syntax).toxic()
    }

    private func refusal(_ fields: [ToxicField], _ syntax: ToxicReading.Syntax) -> ToxicError? {
        do throws(ToxicError) {
            _ = try read(fields, syntax)
            return nil
        } catch {
            return error
        }
    }

    private static let type = ToxicField("type", .text("noop"))

    /// One condition as each syntax has it.
    private static func condition(
        _ name: String, _ text: String
    ) -> [(ToxicReading.Syntax, [ToxicField])] {
        let field = ToxicField(name, .text(text))
        let match = ToxicField("match", .mapping([field]))
        return [(.words, [type, field]), (.file, [type, match]), (.json, [type, match])]
    }

    // MARK: One meaning

    @Test func `the three syntaxes read the same toxic`() throws {
        let conditions = [
            Field("path", .text("/flags/*")), Field("method", .text("GET")),
            Field("header", .text("X-Test: a*")), Field("client", .text("10.0.0.0/8")),
            Field("request", .text("2...")),
        ]
        let settings = [
            Field("type", .text("latency")), Field("name", .text("slow")),
            Field("stream", .text("upstream")), Field("exchanges", .text("1...2")),
            Field("per", .text("proxy")),
        ]
        let match = Field("match", .mapping(conditions))
        let flat = [Field("latency", .text("200ms")), Field("toxicity", .text("25%"))]
        let attributes = Field("attributes", .mapping([Field("latency", .number("200"))]))
        let words = try read(settings + flat + conditions, .words)
        let file = try read(settings + flat + [match], .file)
        let json = try read(
            settings + [match, attributes, Field("toxicity", .number("0.25"))], .json)
        #expect(words == file)
        #expect(words == json)
        #expect(words.match?.settings.map(\.name) == ToxicKeys.conditions)
        #expect(words.wordsWithShare.hasPrefix("25 % → 0.2 s upstream (1...2 per proxy"))
    }

    /// Each is a notation of 418 with the weight 1 and 503 with 3.
    static let statuses: [ToxicValue] = [
        .text("418,503=3"), .text("418=1, 503=3"),
        .list([.text("418"), .text("503=3")]), .list([.number("418"), .text("503=3")]),
        .mapping([ToxicField("418", .text("1")), ToxicField("503", .number("3"))]),
    ]

    @Test(arguments: statuses)
    func `statuses are weights in every notation`(value: ToxicValue) throws {
        let expected = Respond(statuses: [(418, 1), (503, 3)], retryAfter: 1_000_000_000)
        let respond = Field("type", .text("respond"))
        for name in ["statuses", "status"] {
            let field = Field(name, value)
            for syntax in [ToxicReading.Syntax.words, .file] {
                #expect(try read([respond, field], syntax).fault == .respond(expected))
            }
            let attributes = Field("attributes", .mapping([field]))
            for syntax in [ToxicReading.Syntax.file, .json] {
                #expect(try read([respond, attributes], syntax).fault == .respond(expected))
            }
        }
    }

    @Test(arguments: [
        ToxicValue.text("99"), .text("600"), .text("418=x"), .text(""), .list([]), .mapping([]),
        .list([.list([])]), .flag(true), .text("retry_after"), .text("418=1=2"),
    ])
    func `what is no status is refused where it stands`(value: ToxicValue) {
        let fields = [Field("type", .text("respond")), Field("statuses", value)]
        let error = refusal(fields, .file)
        #expect(error?.path == ["statuses"])
        #expect(error?.description.contains("each from 200 to 599. Write 418,503") == true)
    }

    @Test func `a weight is given once`() {
        let respond = Field("type", .text("respond"))
        #expect(
            refusal([respond, Field("statuses", .text("503,503"))], .words)?.description
                == "'503' is given twice.")
        #expect(
            refusal(
                [respond, Field("503", .flag(true)), Field("statuses", .text("503"))], .words)?
                .description == "'503' is given twice.")
    }

    // MARK: Conditions

    @Test(arguments: [
        "10.0.0.0/08", "::ffff:10.0.0.0/8", "10.0.0.0/33", "10.0.0", "localhost", "::/129", "/8",
    ])
    func `a client that no address can be is refused everywhere`(text: String) {
        for (syntax, fields) in Self.condition("client", text) {
            let error = refusal(fields, syntax)
            #expect(error?.path == (syntax == .words ? ["client"] : ["match", "client"]))
            #expect(
                error?.description
                    == "client '\(text)' is no address and no network. Write 127.0.0.1, "
                    + "10.0.0.0/8 or 2001:db8::/32.")
        }
    }

    @Test(arguments: ["path", "method"])
    func `an empty pattern says what is wrong, but in JSON is none`(name: String) throws {
        for (syntax, fields) in Self.condition(name, "") where syntax != .json {
            #expect(
                refusal(fields, syntax)?.description
                    == "\(name) is empty and would match nothing. Leave it out to match all.")
        }
        for name in ToxicKeys.conditions {
            #expect(try read(Self.condition(name, "")[2].1, .json).match == nil)
        }
    }

    @Test func `a pattern has at most 1024 bytes`() throws {
        for name in ["path", "method", "header"] {
            let most = String(repeating: "a", count: 1024)
            for (syntax, fields) in Self.condition(name, most) {
                #expect(try read(fields, syntax).match != nil)
            }
            for (syntax, fields) in Self.condition(name, most + "b") {
                #expect(
                    refusal(fields, syntax)?.description
                        == "\(name): a pattern has at most 1024 bytes.")
            }
        }
    }

    @Test func `a header is a name, or has a pattern too`() throws {
        let notations: [(String, HeaderMatch)] = [
            ("X-A", HeaderMatch(name: "x-a")), ("x-a:", HeaderMatch(name: "x-a")),
            ("x-a:b", HeaderMatch(name: "x-a", value: "b")),
            ("X-A : b:c ", HeaderMatch(name: "x-a", value: "b:c")),
        ]
        for (text, header) in notations {
            for (syntax, fields) in Self.condition("header", text) {
                #expect(try read(fields, syntax).match?.header == header)
            }
        }
        for text in [":x", " : x", "a b", "é"] {
            for (syntax, fields) in Self.condition("header", text) {
                #expect(refusal(fields, syntax)?.path.last == "header")
            }
        }
        let mapping = ToxicValue.mapping([Field("X-A", .text("b*"))])
        let match = Field("match", .mapping([Field("header", mapping)]))
        #expect(
            try read([Self.type, match], .file).match?.header
                == HeaderMatch(name: "x-a", value: "b*"))
    }

    @Test(arguments: [ToxicReading.Syntax.file, .json])
    func `an unknown condition is refused`(syntax: ToxicReading.Syntax) throws {
        let match = Field("match", .mapping([Field("pth", .text("/a"))]))
        let error = refusal([Self.type, match], syntax)
        #expect(error?.path == ["match", "pth"])
        #expect(error?.description == "match has no 'pth'. Did you mean 'path'?")
    }

    @Test func `conditions stand in match or beside the other keys, not both`() throws {
        let path = Field("path", .text("/a"))
        for syntax in [ToxicReading.Syntax.file, .json] {
            let match = Field("match", .mapping([path]))
            #expect(try read([Self.type, path], syntax) == read([Self.type, match], syntax))
            #expect(
                refusal([Self.type, path, match], syntax)?.description
                    == "'path' is given beside match, too. Put all into match.")
        }
    }

    // MARK: Settings

    @Test func `per needs exchanges to count`() {
        for syntax in [ToxicReading.Syntax.words, .file, .json] {
            let error = refusal([Self.type, Field("per", .text("proxy"))], syntax)
            #expect(error?.path == ["per"])
            #expect(
                error?.description == "per says how exchanges are counted, which are missing.")
        }
    }

    @Test func `values of a header are counted only where one is looked at`() throws {
        let counted = [Self.type, Field("exchanges", .text("1")), Field("per", .text("Header"))]
        for syntax in [ToxicReading.Syntax.words, .file, .json] {
            let error = refusal(counted, syntax)
            #expect(error?.path == ["per"])
            #expect(error?.description.hasPrefix("per header counts each value of the") == true)
        }
        for (syntax, condition) in Self.condition("header", "x-test") {
            let toxic = try read(counted + condition.dropFirst(), syntax)
            #expect(toxic.exchanges?.counting == .header)
        }
        let header = Field("match", .mapping([Field("header", .text("x-test"))]))
        let toxic = try read(counted + [header], .json)
        let other = Field("match", .mapping([Field("path", .text("/a"))]))
        #expect(throws: ToxicError.self) { try changed(toxic, [other]) }
        #expect(try changed(toxic, [other, Field("per", .text("match"))]).match?.path == "/a")
    }

    @Test func `an empty name is an error on the command line only`() throws {
        let fields = [Self.type, Field("name", .text(""))]
        #expect(refusal(fields, .words)?.description == "name is empty.")
        #expect(try read(fields, .file).name == "noop_downstream")
        #expect(try read(fields, .json).name == "noop_downstream")
        let long = [Self.type, Field("name", .text(String(repeating: "n", count: 1025)))]
        for syntax in [ToxicReading.Syntax.words, .file, .json] {
            #expect(
                refusal(long, syntax)?.description == "name: a name has at most 1024 bytes.")
        }
    }

    @Test func `only JSON cares for the case of a type, and echoes that of a stream`() throws {
        let fields = [Field("type", .text("Noop")), Field("stream", .text("UpStream"))]
        #expect(try read(fields, .words).name == "noop_upstream")
        #expect(try read(fields, .file).streamSpelling == "upstream")
        #expect(refusal(fields, .json)?.reason == .unknownType("Noop"))
        let json = try read([Self.type, fields[1]], .json)
        #expect(json.name == "noop_UpStream")
        #expect(json.streamSpelling == "UpStream")
    }

    @Test func `the last of several keys wins in JSON, and each is looked at`() throws {
        let twice = [Self.type, Field("name", .text("a")), Field("name", .text("b"))]
        #expect(try read(twice, .json).name == "b")
        let wrong = [Self.type, Field("name", .number("1")), Field("name", .text("b"))]
        #expect(
            refusal(wrong, .json)?.reason == .mismatch(found: .number("1"), wanted: .text))
    }

    // MARK: Attributes

    @Test func `the value that is wrong is found`() {
        let corrupt = Field("type", .text("corrupt"))
        #expect(
            refusal([corrupt, Field("inject", .text("1")), Field("bytes", .text("2MiB"))], .file)?
                .path == ["bytes"])
    }

    @Test func `an attribute stands beside the keys or among attributes, not both`() {
        let attributes = Field("attributes", .mapping([Field("latency", .text("1"))]))
        let fields = [
            Field("type", .text("latency")), Field("latency", .text("1s")), attributes,
        ]
        let error = refusal(fields, .file)
        #expect(error?.path == ["attributes"])
        #expect(error?.description == "'latency' is given beside attributes, too. Keep one.")
    }

    @Test func `numbers among attributes are Toxiproxy's`() throws {
        func fault(_ type: String, _ name: String, _ value: ToxicValue) throws -> Fault {
            let attributes = Field("attributes", .mapping([Field(name, value)]))
            return try read([Field("type", .text(type)), attributes], .file).fault
        }
        #expect(
            try fault("latency", "latency", .text("200"))
                == .latency(Latency(latency: 200_000_000, jitter: 0)))
        #expect(
            try fault("bandwidth", "rate", .text("64kbit/s")) == .bandwidth(Bandwidth(rate: 8000)))
        #expect(try fault("slow_close", "delay", .null) == .slowClose(SlowClose(delay: 0)))
    }

    @Test func `exact wins over what its units could not say`() throws {
        let attributes = Field("attributes", .mapping([Field("rate", .number("1"))]))
        let exact = Field("exact", .mapping([Field("rate", .text("1kbit/s"))]))
        let fields = [Field("type", .text("bandwidth")), attributes, exact]
        for syntax in [ToxicReading.Syntax.file, .json] {
            #expect(try read(fields, syntax).fault == .bandwidth(Bandwidth(rate: 125)))
        }
        let plain = Field("exact", .mapping([Field("rate", .text("1"))]))
        #expect(refusal([fields[0], plain], .json)?.path == ["exact", "rate"])
    }

    @Test func `what was changed since it was shown wins over exact`() throws {
        let edited = Field("attributes", .mapping([Field("rate", .number("64"))]))
        let exact = Field("exact", .mapping([Field("rate", .text("1kbit/s"))]))
        for syntax in [ToxicReading.Syntax.file, .json] {
            let toxic = try read([Field("type", .text("bandwidth")), edited, exact], syntax)
            #expect(toxic.fault == .bandwidth(Bandwidth(rate: 64_000)))
        }
    }

    @Test func `words know no exact`() {
        let fields = [Field("type", .text("latency")), Field("exact", .text("500us"))]
        #expect(refusal(fields, .words)?.path == ["exact"])
    }

    @Test func `a header is a token, and its value has no blanks around`() throws {
        func header(_ name: String, _ value: String) -> [ToxicField] {
            let header = Field("header", .mapping([Field(name, .text(value))]))
            return [Self.type, Field("match", .mapping([header]))]
        }
        for syntax in [ToxicReading.Syntax.file, .json] {
            let match = try read(header("a", " b "), syntax).match
            #expect(match?.header == HeaderMatch(name: "a", value: "b"))
            for name in ["x:y", "a\"", "a b", ""] {
                #expect(refusal(header(name, "c"), syntax)?.path == ["match", "header"])
            }
        }
    }

    @Test func `per alone counts nothing, in a change neither`() throws {
        let toxic = try read([Self.type], .json)
        #expect(throws: ToxicError.self) { try changed(toxic, [Field("per", .text("proxy"))]) }
    }

    // MARK: Changes

    private func changed(_ toxic: Toxic, _ fields: [ToxicField]) throws -> Toxic {
        try ToxicReading(fields, as: .json).changed(toxic)
    }

    @Test func `a change keeps what is not given`() throws {
        let toxic = try read(
            [
                Field("type", .text("respond")), Field("exchanges", .text("1...2")),
                Field("attributes", .mapping([Field("418", .number("2"))])),
            ], .json)
        #expect(try changed(toxic, []) == toxic)
        #expect(try changed(toxic, [Field("per", .text("proxy"))]).exchanges?.counting == .proxy)
        #expect(try changed(toxic, [Field("exchanges", .text(""))]).exchanges == nil)
        func statuses(_ field: ToxicField) throws -> [String] {
            try changed(toxic, [Field("attributes", .mapping([field]))]).fault.attributes.map(
                \.name)
        }
        #expect(try statuses(Field("503", .number("1"))) == ["418", "503", "retry_after"])
        #expect(
            try statuses(Field("statuses", .list([.number("503")]))) == ["503", "retry_after"])
    }

    // MARK: Written back

    @Test func `what is shown of a match is read as the same`() throws {
        var generator = SeededGenerator(seed: 11)
        let texts = ["/a", "*", "x: y", "a:b", "GET", "10.0.0.0/8", "::1", "every 4", "1...2"]
        for _ in 0..<2000 {
            let conditions = ToxicKeys.conditions.compactMap { name -> ToxicField? in
                let index = Int(generator.next(below: UInt64(2 * texts.count)))
                return index < texts.count ? Field(name, .text(texts[index])) : nil
            }
            let fields = [Self.type, Field("match", .mapping(conditions))]
            guard let match = try? read(fields, .json).match else { continue }
            let shown = match.settings.map { Field($0.name, .text($0.value)) }
            for syntax in [ToxicReading.Syntax.file, .json] {
                let again = try read([Self.type, Field("match", .mapping(shown))], syntax)
                #expect(again.match == match)
            }
            #expect(try read([Self.type] + shown, .words).match == match)
        }
    }
}
