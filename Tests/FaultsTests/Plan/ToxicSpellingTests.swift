import HTTPWire
import Testing

@testable import Faults

/// Which keys there are, and that each spelling is taken everywhere.
struct ToxicSpellingTests {
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

    private func changed(_ toxic: Toxic, _ fields: [ToxicField]) throws -> Toxic {
        try ToxicReading(fields, as: .json).changed(toxic)
    }

    // MARK: Keys that there are not

    @Test(arguments: [ToxicReading.Syntax.words, .file, .json])
    func `an unknown key is refused with the nearest`(syntax: ToxicReading.Syntax) {
        let error = refusal([Self.type, Field("streem", .text("upstream"))], syntax)
        #expect(error?.path == ["streem"])
        #expect(error?.description == "noop has no 'streem'. Did you mean 'stream'?")
    }

    @Test func `an unknown attribute is refused, and one that cannot be exact`() {
        let latency = Field("type", .text("latency"))
        for key in ["attributes", "exact"] {
            let error = refusal(
                [latency, Field(key, .mapping([Field("jiter", .number("1"))]))], .json)
            #expect(error?.path == [key, "jiter"])
            #expect(error?.description == "latency has no 'jiter'. Did you mean 'jitter'?")
        }
    }

    @Test func `the keys of the peer say nothing, and no more`() throws {
        let fields = ["listen", "upstream", "enabled", "toxics", "logger"].map {
            Field($0, .text("x"))
        }
        #expect(try read([Self.type] + fields, .json) == read([Self.type], .json))
        #expect(refusal([Self.type] + fields, .file)?.path == ["listen"])
    }

    @Test func `where the peer reads, unknown keys are told of and left alone`() throws {
        var told: [[String]] = []
        let fields = [
            Field("type", .text("latency")), Field("latency", .number("100")),
            Field("attributes", .mapping([Field("jiter", .number("1"))])),
            Field("match", .mapping([Field("pth", .text("/a"))])),
        ]
        let toxic = try ToxicReading(fields, as: .json) { told.append($0.path) }.toxic()
        #expect(toxic == Toxic(.latency(Latency(latency: 0, jitter: 0)), stream: .downstream))
        #expect(told == [["latency"], ["attributes", "jiter"], ["match", "pth"]])
    }

    // MARK: Every spelling everywhere

    @Test func `a unit is understood in JSON, too`() throws {
        func latency(_ fields: [ToxicField]) throws -> Fault {
            try read([Field("type", .text("latency"))] + fields, .json).fault
        }
        let expected = Fault.latency(Latency(latency: 1_500_000_000, jitter: 0))
        let text = Field("latency", .text("1.5s"))
        #expect(try latency([Field("attributes", .mapping([text]))]) == expected)
        #expect(try latency([text]) == expected)
        let rate = Field("rate", .text("64kB/s"))
        #expect(
            try read(
                [Field("type", .text("bandwidth")), Field("attributes", .mapping([rate]))], .json
            )
            .fault == .bandwidth(Bandwidth(rate: 64_000)))
        let bare = refusal(
            [Field("type", .text("latency")), Field("latency", .number("200"))], .json)
        #expect(
            bare?.description == "latency: a time needs a unit. Did you mean 200ms, or 200s?")
        let wrong = refusal(
            [
                Field("type", .text("latency")),
                Field("attributes", .mapping([Field("latency", .text("2x"))])),
            ], .json)
        #expect(wrong?.description == "latency: '2x' is not a time. Write 200ms, 1.5s or 50us.")
    }

    @Test func `a number in quotes is none in JSON`() {
        for text in ["5", "1.5", "", "x"] {
            let error = refusal(
                [
                    Field("type", .text("latency")),
                    Field("attributes", .mapping([Field("latency", .text(text))])),
                ], .json)
            #expect(error?.reason == .mismatch(found: .text(text), wanted: .whole))
        }
    }

    @Test func `a share may have a percent sign in JSON`() throws {
        let toxic = try read([Self.type, Field("toxicity", .text("25%"))], .json)
        #expect(toxic.toxicity.probability.fraction == 0.25)
        #expect(refusal([Self.type, Field("toxicity", .text("x%"))], .json)?.path == ["toxicity"])
    }

    @Test(arguments: [ToxicReading.Syntax.words, .file, .json])
    func `a share may be exact`(syntax: ToxicReading.Syntax) throws {
        let quarter = try #require(Probability(0.25))
        let share = syntax == .json ? ToxicValue.number("0.25") : .text("25%")
        let fields = [Self.type, Field("toxicity", share)]
        #expect(
            try read(fields + [Field("mode", .text("Exact"))], syntax).toxicity == .exact(quarter))
        #expect(
            try read(fields + [Field("mode", .text("random"))], syntax).toxicity
                == .random(quarter))
        #expect(
            refusal(fields + [Field("mode", .text("exakt"))], syntax)?.description
                == "mode 'exakt': write random or exact. Did you mean 'exact'?")
    }

    @Test func `a change keeps the mode unless it says one`() throws {
        let exact = try read([Self.type, Field("mode", .text("exact"))], .json)
        let half = try #require(Probability(0.5))
        #expect(try changed(exact, [Field("toxicity", .number("0.5"))]).toxicity == .exact(half))
        #expect(try changed(exact, [Field("mode", .text("random"))]).toxicity == .random(.always))
        #expect(try changed(exact, [Field("mode", .text(""))]) == exact)
    }

    @Test(arguments: ["[503]", "{503:1}", "{\"503\":1}", "503", "503=1", "[ 503 ]"])
    func `brackets and braces of other syntaxes are understood in words`(text: String) throws {
        for name in ["status", "statuses"] {
            #expect(
                try read([Field("type", .text("respond")), Field(name, .text(text))], .words).fault
                    == .respond(Respond(statuses: [(503, 1)], retryAfter: 1_000_000_000)))
        }
    }
}
