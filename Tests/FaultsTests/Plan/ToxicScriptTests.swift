import Testing

@testable import Faults

/// Toxics whose fault is a script.
struct ToxicScriptTests {
    private typealias Field = ToxicField

    /// A script of somebody's own with all kinds of parameters.
    private static let steps = """
        What is sent ends on the way.
        param   at 40% position           # where it ends
        param   pause 200ms time          # before that
        param   size 64 bytes             # of what is added
        param   n 3 count                 # how often
        param   phrase "Fine" word        # behind the status
        exchanges 1...2

        head "200 $phrase"
        body ..$at
        wait $pause
        repeat $n
        fill $size zero
        done
        fin

        """

    private static let variants = """
        One of two.

        variant early

        fin

        variant late

        head
        fin

        """

    private func read(
        _ type: String, _ fields: [ToxicField], _ syntax: ToxicReading.Syntax = .words
    ) throws(ToxicError) -> Toxic {
        try ToxicReading([ToxicField("type", .text(type))] + fields, as: syntax).toxic()
    }

    private func refusal(
        _ type: String, _ fields: [ToxicField], _ syntax: ToxicReading.Syntax = .words
    ) -> String? {
        do throws(ToxicError) {
            _ = try read(type, fields, syntax)
            return nil
        } catch {
            return error.description
        }
    }

    private func value(_ toxic: Toxic, _ name: String) -> Quantity? {
        toxic.fault.attributes.first { $0.name == name }?.value
    }

    private func attributes(_ pairs: [(String, String)]) -> ToxicField {
        ToxicField("attributes", .mapping(pairs.map { ToxicField($0, .number($1)) }))
    }

    private var own: ToxicField { ToxicField("steps", .text(Self.steps)) }

    // MARK: The catalogue

    @Test func `the three syntaxes read the same toxic`() throws {
        let share = Field("toxicity", .text("10%"))
        let words = try read("truncate", [Field("at", .text("50%")), share])
        let file = try read("truncate", [Field("at", .text("50%")), share], .file)
        let json = try read(
            "truncate", [attributes([("at", "50")]), Field("toxicity", .number("0.1"))], .json)
        #expect(words == file)
        #expect(words == json)
        #expect(words.name == "truncate")
        #expect(words.stream == .upstream)
        #expect(words.fault.type.rawValue == "truncate")
        #expect(value(words, "at") == .fraction(0.5))
        #expect(words.wordsWithShare == "10 % → truncate")
    }

    @Test func `defaults are filled in`() throws {
        let toxic = try read("PREMATURE_FIN", [])
        #expect(value(toxic, "at") == .fraction(0.4))
        #expect(toxic == (try read("truncate", [Field("at", .text("40%"))])))
    }

    @Test func `an unknown parameter is met with those that there are`() {
        #expect(
            refusal("truncate", [Field("att", .text("50%"))])
                == "truncate has no 'att'. Did you mean 'at'?")
        #expect(
            refusal("truncate", [attributes([("position", "5")])], .json)
                == "truncate has no 'position'. There are at.")
    }

    @Test func `a place without a unit says which it may be`() {
        #expect(
            refusal("truncate", [Field("at", .text("50"))])
                == "at: a place needs a unit. Did you mean 50%, or 50B?")
        #expect(refusal("truncate", [Field("at", .text("5ms"))]) != nil)
        #expect(refusal("truncate", [Field("at", .text("101%"))]) != nil)
    }

    @Test func `an unknown type is met with the nearest name`() {
        #expect(
            refusal("truncat", [])
                == "unknown toxic 'truncat'. Did you mean 'truncate'? "
                + "'flagserver toxics' lists all.")
        #expect(
            refusal("premature_fn", [])
                == "unknown toxic 'premature_fn'. Did you mean 'PREMATURE_FIN'? "
                + "'flagserver toxics' lists all.")
        #expect(
            refusal("hang", [])
                == "unknown toxic 'hang'. It is a behavior: --behavior 100:hang. "
                + "'flagserver toxics' lists all.")
        #expect(refusal("Noop", [], .json) != nil)
        #expect(refusal("Truncate", [], .json) == nil)
    }

    @Test func `a script needs answers of HTTP`() throws {
        let toxic = try read("truncate", [])
        let http = ProtocolAbilities(name: "http", hasHeads: true, withErrors: ["http", "redis"])
        try toxic.check(on: http)
        for name in ["tcp", "redis"] {
            let other = ProtocolAbilities(
                name: name, hasHeads: false, withErrors: ["http", "redis"])
            #expect {
                try toxic.check(on: other)
            } throws: {
                "\($0)"
                    == "truncate changes an answer of HTTP: it needs protocol http, not \(name)."
            }
        }
        let down = try read("truncate", [Field("stream", .text("downstream"))])
        #expect(throws: ToxicError.self) { try down.check(on: http) }
    }

    // MARK: Attributes of the API

    @Test func `a bare number is in the unit of the default, another unit stands in the key`()
        throws
    {
        let cases: [(String, String, String, Quantity)] = [
            ("at", "50", "at", .fraction(0.5)), ("at_bytes", "4096", "at", .number(4096)),
            ("at_percent", "7", "at", .fraction(0.07)), ("at_kib", "1", "at", .number(1024)),
            ("pause", "30", "pause", .number(30_000_000)),
            ("pause_us", "1500", "pause", .number(1_500_000)),
            ("pause_s", "2", "pause", .number(2_000_000_000)),
            ("size", "7", "size", .number(7)), ("size_kb", "7", "size", .number(7000)),
            ("n", "9", "n", .number(9)),
        ]
        for (key, digits, name, wanted) in cases {
            let toxic = try read("script", [own, attributes([(key, digits)])], .json)
            #expect(value(toxic, name) == wanted, "\(key)")
            // Beside `attributes` a number alone has no unit.
            guard key != name else { continue }
            #expect(try read("script", [own, Field(key, .number(digits))], .json) == toxic)
        }
    }

    @Test func `a wrong unit in a key is met with those that there are`() {
        #expect(
            refusal("truncate", [attributes([("at_ms", "5")])], .json)
                == "at_ms: at has no unit 'ms'. Write at, at_percent, at_bytes, at_kb, at_kib, "
                + "at_mb and at_mib.")
        #expect(refusal("script", [own, attributes([("n_bytes", "5")])], .json) != nil)
        #expect(refusal("truncate", [attributes([("at_bytes", "0.5")])], .json) != nil)
        #expect(refusal("truncate", [attributes([("at_bytes", "-1")])], .json) != nil)
        #expect(
            refusal("truncate", [attributes([("at", "5"), ("at_bytes", "4")])], .json) == nil)
    }

    @Test func `every value has a key and a whole number, or is a text`() throws {
        let attributes = try #require(try read("script", [own]).fault.type.script).parameters
        let found = Dictionary(uniqueKeysWithValues: attributes.map { ($0.name, $0) })
        let cases: [(String, String, String?)] = [
            ("at", "50%", "at=50"), ("at", "4096B", "at_bytes=4096"), ("at", "12.5%", nil),
            ("at", "0%", "at=0"), ("at", "0B", "at_bytes=0"), ("pause", "2s", "pause=2000"),
            ("pause", "1.5ms", "pause_us=1500"), ("pause", "0.5us", nil), ("pause", "0", "pause=0"),
            ("size", "64KiB", "size=65536"), ("n", "3", "n=3"), ("phrase", "Fine", nil),
        ]
        for (name, text, wanted) in cases {
            let attribute = try #require(found[name])
            let value = try attribute.quantity(text)
            #expect(attribute.keyed(value).map { "\($0.key)=\($0.number)" } == wanted, "\(text)")
            #expect(try attribute.quantity(attribute.written(value)) == value)
        }
    }

    @Test func `what could not be shown as it is is refused`() {
        #expect(refusal("truncate", [Field("at", .text("33.333333%"))]) == nil)
        #expect(
            refusal("truncate", [Field("at", .text("33.3333333333%"))])
                == "at: it cannot be kept exactly: write fewer digits.")
    }

    // MARK: One's own

    @Test func `steps are a script with its parameters and exchanges`() throws {
        let toxic = try read("script", [own, Field("phrase", .text("Well"))])
        #expect(toxic.name == "script")
        #expect(toxic.fault.type == .script)
        #expect(toxic.fault.type.rawValue == "script")
        #expect(value(toxic, "phrase") == .word("Well"))
        #expect(value(toxic, "n") == .number(3))
        #expect(toxic.exchanges == ExchangeRange(first: 1, last: 2, counting: .target))
        let others = try read(
            "script", [own, Field("exchanges", .text("3...")), Field("per", .text("proxy"))])
        #expect(others.exchanges == ExchangeRange(first: 3, last: nil, counting: .proxy))
        let counted = try read("script", [own, Field("per", .text("proxy"))])
        #expect(counted.exchanges == ExchangeRange(first: 1, last: 2, counting: .proxy))
    }

    @Test func `a variant is chosen by its name`() throws {
        let steps = Field("steps", .text(Self.variants))
        #expect(try read("script", [steps]).fault.type.script?.variant == "early")
        let late = try read("script", [steps, Field("variant", .text("late"))])
        #expect(late.fault.type.script?.variant == "late")
        #expect(
            refusal("script", [steps, Field("variant", .text("never"))])
                == "the script has no variant 'never'. There are early and late.")
        #expect(
            refusal("script", [own, Field("variant", .text("x"))])
                == "the script has no variant 'x'. It has none.")
    }

    @Test func `a mistake keeps its place in the text`() {
        let wrong = Field("steps", .text("A sentence.\n\nhead\n  explode\n"))
        let said = refusal("script", [wrong], .json)
        #expect(said?.hasPrefix("steps:4:3: ") == true, "\(said ?? "nil")")
    }

    @Test func `without a text there is no script, and a file is not the API's`() {
        #expect(
            refusal("script", []) == "a script needs its text. Write file=my.fault, or steps.")
        #expect(
            refusal("script", [], .json) == "a script needs its text: send it as steps.")
        #expect(
            refusal("script", [Field("fil", .text("my.fault"))])
                == "script has no 'fil'. Did you mean 'file'?")
        #expect(
            refusal("script", [Field("file", .text("my.fault"))], .json)
                == "file can be given on the command line and in configuration files only. "
                + "Send the text of the script as steps.")
        #expect(refusal("truncate", [own])?.hasPrefix("truncate has no 'steps'.") == true)
    }

    @Test func `a text is bounded`() {
        let long = Self.steps + String(repeating: "#", count: Script.maximumText)
        #expect(
            refusal("script", [Field("steps", .text(long))])
                == "steps has \(long.utf8.count) bytes. A script has at most 65536: leave comments "
                + "out, or use fill and repeat.")
    }

    @Test func `a change keeps what is not given`() throws {
        let toxic = try read("script", [own, Field("n", .text("7"))])
        func changed(_ fields: [ToxicField]) throws(ToxicError) -> Toxic {
            try ToxicReading(fields, as: .json).changed(toxic)
        }
        let other = try changed([attributes([("at_bytes", "5")])])
        #expect(value(other, "at") == .number(5))
        #expect(value(other, "n") == .number(7))
        #expect(other.exchanges == toxic.exchanges)
        #expect(other.fault.type.script === toxic.fault.type.script)
        let steps = try changed([Field("steps", .text(Self.variants))])
        #expect(steps.fault.attributes.isEmpty)
        #expect(try changed([Field("exchanges", .text(""))]).exchanges == toxic.exchanges)
        #expect(try changed([]) == toxic)
    }
}
