import Testing

@testable import Faults
@testable import flagserver

struct ToxicsTests {
    @Test(arguments: FaultType.allCases)
    func `a fault is told from its schema`(type: FaultType) {
        let text = Toxics.text(type)
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
        #expect(Toxics.text(Latency.type).contains("    latency   ms   0 to "))
        #expect(Toxics.text(Bandwidth.type).contains("    rate   kB/s   0 to "))
        #expect(Toxics.text(Slicer.type).contains("    delay            us   0 to "))
        #expect(Toxics.text(LimitData.type).contains("    bytes   B   0 to "))
        #expect(Toxics.text(PacketLoss.type).contains("    loss_rate     fraction   0 to 1 "))
        #expect(Toxics.text(Respond.type).contains("    <status>      weight   0 to "))
        #expect(Toxics.text(Respond.type).hasPrefix("respond   acts on the exchange, upstream\n"))
    }

    @Test func `words have their choices, texts and fields a size`() {
        #expect(
            Toxics.text(Latency.type).contains(
                "word   uniform normal lognormal pareto   default uniform   "))
        let respond = Toxics.text(Respond.type)
        #expect(respond.contains("    headers       fields   0 to 64              default none   "))
        #expect(respond.contains("    body          text     0 to 65536 B         default none   "))
    }

    @Test func `the program lists all, or the one that is named`() throws {
        let all = try Program(["toxics"])
        #expect(all.status == 0)
        #expect(all.output.hasPrefix(FaultType.allCases.map(Toxics.text).joined(separator: "\n")))
        let one = try Program(["toxics", "LIMIT_DATA"])
        #expect(one.output.hasPrefix(Toxics.text(LimitData.type) + "\nEvery toxic also takes:\n"))
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
