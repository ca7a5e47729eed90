import ArgumentParser
import Faults

/// `flagserver toxics`: every fault with its attributes, from the schema that everything uses.
struct Toxics: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the faults with their attributes, units, ranges and defaults.",
        discussion: """
            EXAMPLES:
              flagserver toxics               all of them
              flagserver toxics latency       this one

            Units are those of the JSON API. In --toxic a time or a rate is written
            with its unit, 200ms or 64kB/s, and a size may have one. To add one to a
            server that runs: 'flagserver toxic add'.
            """)

    @Argument(help: "latency, bandwidth, … (default: all).")
    var name: String?

    func run() throws {
        let types: [FaultType]
        do throws(ToxicError) {
            types =
                try name.map { word throws(ToxicError) in [try ToxicReading.type(word)] }
                ?? FaultType.allCases
        } catch {
            throw OptionValues.usage(error.description)
        }
        try StandardOutput.write(types.map(Self.text).joined(separator: "\n") + Self.settings)
    }

    private static let settings = """

        Every toxic also takes:
          name=<text>                          default <type>_<stream>
          stream=upstream|downstream           default downstream; respond: upstream
          toxicity=<share>                     default 1; 0.25 or 25%
          mode=random|exact                    default random; exact: in every 20 exchanges
          exchanges=1...2 | 5... | 3 | every4  default all; counted per=target; or per=proxy,
                                               match (those let in), client, header (each value)
          ttl=30s                              default none; gone after so long
          schedule=5s/30s                      default always; in force for the first 5 of every 30 s
          path=/flags/br/*  method=GET  header=<name>[:<value>]  client=10.0.0.0/8  request=1...2

        """

    /// A fault in a few lines, the last of them to be pasted.
    static func text(_ type: FaultType) -> String {
        let rows = type.attributes.map { attribute in
            [
                attribute.name, unit(attribute.unit),
                "\(attribute.range.lowerBound) to \(attribute.range.upperBound)",
                "default \(attribute.defaultValue)", attribute.summary,
            ]
        }
        return "\(type.rawValue)   acts on the \(type.place.rawValue), \(type.stream.rawValue)\n"
            + "  \(type.summary)\n" + table(rows) + "  --toxic '\(type.example)'\n"
    }

    private static func unit(_ unit: Attribute.Unit) -> String {
        switch unit {
        case .flag: "flag"
        case .count: "count"
        case .fraction: "fraction"
        case .weight: "weight"
        case .milliseconds, .microseconds, .bytes, .kilobytesPerSecond: unit.symbol
        }
    }

    private static func table(_ rows: [[String]]) -> String {
        let widths = (0..<5).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = zip(row, widths).map { cell, width in
                cell + String(repeating: " ", count: width - cell.count)
            }
            return "    \(cells.joined(separator: "   "))".trimmedEnd + "\n"
        }.joined()
    }
}

extension String {
    /// Without blanks at the end.
    fileprivate var trimmedEnd: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
