import HTTPWire
import Testing

@testable import Faults

/// Words, texts and fields of a message in a toxic, and what must be missing in a request.
struct ToxicTextsTests {
    private typealias Field = ToxicField

    private func read(
        _ type: String, _ fields: [ToxicField], _ syntax: ToxicReading.Syntax
    ) throws(ToxicError) -> Toxic {
        try ToxicReading([Field("type", .text(type))] + fields, as: syntax).toxic()
    }

    private func refusal(
        _ type: String, _ fields: [ToxicField], _ syntax: ToxicReading.Syntax = .file
    ) -> String {
        do throws(ToxicError) {
            return "\(try read(type, fields, syntax).fault)"
        } catch {
            return "\(error.path.joined(separator: ".")) \(error)"
        }
    }

    private func respond(_ toxic: Toxic) throws -> Respond {
        guard case .respond(let respond) = toxic.fault else { throw FaultError("no respond") }
        return respond
    }

    // MARK: Words

    @Test(arguments: [ToxicReading.Syntax.words, .file, .json])
    func `a distribution is a word in every syntax`(syntax: ToxicReading.Syntax) throws {
        for distribution in DelayDistribution.allCases {
            let word = Field("distribution", .text(distribution.rawValue.uppercased()))
            let fields = [Field("latency", .text("1s")), Field("jitter", .text("1ms")), word]
            let fault = try read("latency", fields, syntax).fault
            #expect(
                fault
                    == .latency(
                        Latency(latency: 1_000_000_000, jitter: 1_000_000, distribution)))
        }
        #expect(
            refusal("latency", [Field("distribution", .text("normel"))], syntax)
                == "distribution distribution 'normel' is none of uniform, normal, lognormal "
                + "and pareto. Did you mean 'normal'?")
    }

    @Test func `a distribution is no number`() {
        #expect(
            refusal("latency", [Field("distribution", .number("1"))], .json)
                == "distribution distribution '1' is none of uniform, normal, lognormal and pareto."
        )
        #expect(
            refusal("latency", [Field("distribution", .flag(true))])
                == "distribution distribution is no text.")
    }

    @Test func `it stands among the attributes, too, as a client of the peer would have it`() throws
    {
        let attributes = Field("attributes", .mapping([Field("distribution", .text("normal"))]))
        #expect(
            try read("latency", [attributes], .json).fault
                == .latency(Latency(latency: 0, jitter: 0, .normal)))
    }

    @Test func `where the peer reads, words are ours`() throws {
        var told: [[String]] = []
        let fields = [
            Field("type", .text("latency")), Field("distribution", .text("normal")),
            Field("per_in_flight", .text("1ms")),
        ]
        let toxic = try ToxicReading(fields, as: .json) { told.append($0.path) }.toxic()
        #expect(toxic.fault == .latency(Latency(latency: 0, jitter: 0, .normal)))
        #expect(told == [["per_in_flight"]])
    }

    @Test func `numbers of ours are attributes that are shown where they are set`() throws {
        let latency = try read("latency", [Field("per_in_flight", .text("10ms"))], .words).fault
        #expect(
            latency
                == .latency(Latency(latency: 0, jitter: 0, .uniform, perInFlight: 10_000_000)))
        #expect(latency.attributes.map(\.name) == ["latency", "jitter", "per_in_flight"])
        for value in [ToxicValue.flag(true), .text("1"), .text("yes")] {
            let shared = try read(
                "bandwidth", [Field("rate", .text("1kB/s")), Field("shared", value)], .words)
            #expect(shared.fault == .bandwidth(Bandwidth(rate: 1000, isShared: true)))
            #expect(shared.words == "1 kB/s shared")
        }
        let plain = try read("bandwidth", [Field("shared", .text("0"))], .words).fault
        #expect(plain.attributes.map(\.name) == ["rate"])
    }

    // MARK: Fields and a body

    @Test func `fields are written in many ways`() throws {
        let expected = [HTTPField("X-A", "1"), HTTPField("X-A", "2"), HTTPField("X-B", "c: d")]
        let mapping = Field(
            "headers",
            .mapping([
                Field("X-A", .list([.number("1"), .text("2")])), Field("X-B", .text("c: d")),
            ]))
        let lines = ["X-A: 1", "X-A: 2", "X-B: c: d"]
        for syntax in [ToxicReading.Syntax.file, .json] {
            let list = Field("headers", .list(lines.map { .text($0) }))
            for headers in [mapping, list] {
                let toxic = try read("respond", [Field("status", .text("429")), headers], syntax)
                #expect(try respond(toxic).content?.headers == expected)
                #expect(try respond(toxic).content?.body == nil)
            }
        }
        let words = try read("respond", lines.map { Field("headers", .text($0)) }, .words)
        #expect(try respond(words).content?.headers == expected)
        #expect(words.words == "418 / 503 with 3 headers of its own")
    }

    @Test func `a body is a text, an empty one too`() throws {
        for body in ["", "slow down\n", String(repeating: "x", count: 65_536)] {
            for syntax in [ToxicReading.Syntax.words, .file, .json] {
                let toxic = try read("respond", [Field("body", .text(body))], syntax)
                #expect(try respond(toxic).content?.body == body)
                #expect(try respond(toxic).content?.headers == [])
            }
        }
        #expect(try respond(read("respond", [], .words)).content == nil)
        #expect(
            refusal("respond", [Field("body", .text(String(repeating: "x", count: 65_537)))])
                == "body body has 65537 bytes. It has at most 65536.")
        #expect(refusal("respond", [Field("body", .number("5"))], .json) == "body body is no text.")
    }

    @Test func `what is wrong with a field is told with its place`() {
        let headers = { (value: ToxicValue) in [Field("headers", .mapping([Field("X-A", value)]))] }
        #expect(refusal("respond", headers(.null)) == "headers.X-A X-A is no text.")
        #expect(refusal("respond", headers(.flag(true)), .json) == "headers.X-A X-A is no text.")
        #expect(refusal("respond", headers(.list([.list([])]))) == "headers.X-A X-A is no text.")
        #expect(
            refusal("respond", headers(.text("a\nb")))
                == "headers headers: the value of X-A has a line break or another control "
                + "character.")
        #expect(refusal("respond", [Field("headers", .number("1"))], .json).hasSuffix("mapping."))
        #expect(
            refusal("respond", [Field("headers", .list([.text("X-A")]))])
                == "headers headers 'X-A' is no field. Write 'X-RateLimit-Remaining: 0'.")
        #expect(refusal("latency", [Field("headers", .text("a: b"))]).contains("'header'"))
    }

    @Test func `every value can be written back`() throws {
        let toxic = try read(
            "respond",
            [
                Field("503", .flag(true)), Field("headers", .text("X-A: 1")),
                Field("body", .text("b")),
            ], .words)
        let given = Dictionary(
            uniqueKeysWithValues: toxic.fault.attributes.map { ($0.name, $0.value) })
        #expect(try Fault(Respond.type, given) == toxic.fault)
        #expect(toxic.words == "503 with 1 header and a body of its own")
    }

    @Test func `null takes words and texts back, and what is not said stays`() throws {
        let toxic = try read(
            "respond",
            [
                Field("status", .text("503")), Field("headers", .text("X-A: 1")),
                Field("body", .text("b")),
            ], .words)
        func changed(_ fields: [ToxicField]) throws -> Respond {
            try respond(try ToxicReading(fields, as: .json).changed(toxic))
        }
        #expect(try changed([Field("status", .text("429"))]).content?.body == "b")
        #expect(try changed([Field("body", .null)]).content?.body == nil)
        #expect(try changed([Field("body", .null)]).content?.headers.count == 1)
        #expect(try changed([Field("headers", .mapping([]))]).content?.headers == [])
        #expect(try changed([Field("headers", .null), Field("body", .null)]).content == nil)
        let normal = try read("latency", [Field("distribution", .text("normal"))], .words)
        let uniform = try ToxicReading([Field("distribution", .null)], as: .json).changed(normal)
        #expect(uniform.fault == .latency(Latency(latency: 0, jitter: 0)))
    }

    @Test func `fields and a body are for HTTP`() throws {
        let redis = ProtocolAbilities(name: "redis", hasHeads: false, withErrors: ["redis"])
        let http = ProtocolAbilities(name: "http", hasHeads: true, withErrors: ["http"])
        for (key, value) in [("headers", "X-A: 1"), ("body", "b")] {
            let toxic = try read("respond", [Field(key, .text(value))], .words)
            #expect(throws: Never.self) { try toxic.check(on: http) }
            #expect(
                throws: ToxicError([key], .invalid("headers and body need protocol http."))
            ) { try toxic.check(on: redis) }
        }
    }

    // MARK: What must be missing

    @Test func `a field that must be missing is null, or has an exclamation mark`() throws {
        let null = Field("header", .mapping([Field("X-Test", .null)]))
        let text = Field("header", .text("! X-Test"))
        let toxics = [
            try read("noop", [text], .words), try read("noop", [text], .json),
            try read("noop", [Field("match", .mapping([null]))], .file),
            try read("noop", [Field("match", .mapping([null]))], .json),
            try read("noop", [null], .file),
        ]
        for toxic in toxics {
            #expect(toxic.match?.header == HeaderMatch(absent: "x-test"))
            #expect(toxic.match?.settings.map(\.value) == ["!x-test"])
            #expect(toxic.wordsWithShare == "100 % → nothing (without x-test)")
        }
    }

    @Test func `it is the name alone that must be missing`() {
        let error = "is no name of a field. Write x-test, x-test:a* for some of its values, or "
        #expect(refusal("noop", [Field("header", .text("!x-test:a"))], .words).contains(error))
        #expect(refusal("noop", [Field("header", .text("!"))], .words).contains(error))
        #expect(
            refusal("noop", [Field("header", .mapping([Field("!x", .text("a"))]))])
                == "header what must be missing is null. Write {x-test: null}.")
    }

    @Test func `values that are missing cannot be counted`() {
        let fields = [
            Field("header", .text("!x")), Field("exchanges", .text("1")),
            Field("per", .text("header")),
        ]
        #expect(
            refusal("noop", fields, .words)
                == "per per header counts each value of the header in match, which asks that it is "
                + "missing. Write header=x-test.")
        #expect(
            !refusal("noop", fields.dropLast() + [Field("per", .text("match"))]).contains("per "))
    }
}
