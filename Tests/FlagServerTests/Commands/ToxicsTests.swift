import Testing

@testable import Faults
@testable import flagserver

struct ToxicsTests {
    @Test(arguments: FaultType.core)
    func `a fault is told from its schema`(type: FaultType) {
        let text = FaultText.schema(type)
        #expect(text.hasPrefix("\(type.rawValue)   acts on the \(type.place.rawValue), "))
        #expect(text.contains("\n  \(type.summary)\n"))
        #expect(text.hasSuffix("\n  --toxic '\(type.example)'\n"))
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("    ") }
        #expect(rows.count == type.attributes.count)
        for (row, attribute) in zip(rows, type.attributes) {
            let (range, isNumber) = (attribute.range, attribute.unit.isNumber)
            #expect(row.hasPrefix("    \(attribute.name) "))
            let isCounted = attribute.choices.isEmpty
            #expect(!isCounted || row.contains(" \(range.lowerBound) to \(range.upperBound) "))
            #expect(!isNumber || row.contains(" default \(attribute.defaultValue) "))
            #expect(row.hasSuffix("   \(attribute.summary)"))
        }
    }

    @Test func `units are those of the API`() {
        #expect(FaultText.schema(Latency.type).contains("    latency         ms     0 to "))
        #expect(FaultText.schema(Bandwidth.type).contains("    rate     kB/s   0 to "))
        #expect(FaultText.schema(Slicer.type).contains("    delay            us   0 to "))
        #expect(FaultText.schema(LimitData.type).contains("    bytes   B   0 to "))
        #expect(FaultText.schema(PacketLoss.type).contains("    loss_rate     fraction   0 to 1 "))
        #expect(FaultText.schema(Respond.type).contains("    <status>      weight   0 to "))
        #expect(
            FaultText.schema(Respond.type).hasPrefix("respond   acts on the exchange, upstream\n"))
    }

    @Test func `words have their choices, texts and fields a size`() {
        #expect(
            FaultText.schema(Latency.type).contains(
                "word   uniform normal lognormal pareto   default uniform   "))
        let respond = FaultText.schema(Respond.type)
        #expect(respond.contains("    headers       fields   0 to 64              default none   "))
        #expect(respond.contains("    body          text     0 to 65536 B         default none   "))
    }

    @Test func `the program lists all, or the one that is named`() throws {
        let all = try Program(["toxics"])
        #expect(all.status == 0)
        #expect(all.output.hasPrefix(FaultType.core.map(FaultText.schema).joined(separator: "\n")))
        let one = try Program(["toxics", "LIMIT_DATA"])
        #expect(
            one.output.hasPrefix(
                FaultText.whole([LimitData.type]) + "\nEvery toxic also takes:\n"))
    }

    @Test func `scripts are listed by what they are about, a line each fault`() throws {
        let lines = try Program(["toxics"]).output.split(separator: "\n").map(String.init)
        let headings = lines.filter { FaultNote.Group(rawValue: $0) != nil }
        let groups = Set(FaultType.allCases.filter(\.isScript).compactMap(\.note.group))
        #expect(headings == FaultNote.Group.allCases.filter(groups.contains).map(\.rawValue))
        let truncate = try #require(FaultType(rawValue: "truncate"))
        #expect(lines.contains { $0.hasPrefix("  truncate ") && $0.hasSuffix(truncate.summary) })
        for type in FaultType.allCases where type.isScript {
            #expect(lines.contains { $0.hasPrefix("  \(type.fault) ") }, "\(type.rawValue)")
        }
        #expect(lines.filter { $0.hasPrefix("  chunked-malformed ") }.count == 1)
    }

    @Test func `a script is told with all that is known of it, and its text`() throws {
        let truncate = try #require(FaultType(rawValue: "truncate"))
        let output = try Program(["toxics", "PREMATURE_FIN"]).output
        for part in [
            "truncate   acts on the exchange, upstream\n", "\n  \(truncate.summary)\n",
            "    at   %   0 to 100, or bytes   default 40   where it ends\n",
            "\n  group    body\n", "\n  expect   error: a good client reports an error",
            "\n  level    ", "\n  source   RFC 9112 §8\n", "\n  link     https://",
            "\n  --toxic 'local:truncate at=40%'\n", "\n    head\n    body ..$at\n    fin\n",
        ] {
            #expect(output.contains(part), "\(part) in \(output)")
        }
        let variants = try Program(["toxics", "chunked-malformed"]).output
        for type in FaultType.all(named: "chunked-malformed") {
            #expect(variants.contains("\(type.rawValue)   acts on"))
        }
    }

    @Test func `a name that there is not is met with the nearest`() throws {
        let program = try Program(["toxics", "slow_clos"])
        #expect(program.status == 64)
        #expect(
            program.errors
                == "error: unknown toxic 'slow_clos'. Did you mean 'slow_close'? "
                + "'flagserver toxics' lists all.\n")
    }
}
