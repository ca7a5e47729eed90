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
          path=/flags/br/*  method=GET  header=<name>[:<value>]  client=10.0.0.0/8  request=1...2
          header=!<name>                       only without that field

        """

    /// A fault in a few lines, the last of them to be pasted.
    static func text(_ type: FaultType) -> String {
        let rows = type.attributes.map { attribute in
            [
                attribute.name, unit(attribute.unit),
                range(attribute), "default \(defaultValue(attribute))", attribute.summary,
            ]
        }
        return "\(type.rawValue)   acts on the \(type.place.rawValue), \(type.stream.rawValue)\n"
            + "  \(type.summary)\n" + table(rows) + "  --toxic '\(type.example)'\n"
    }

    private static func unit(_ unit: Attribute.Unit) -> String {
        switch unit {
        case .flag: "flag"
        case .fraction: "fraction"
        case .weight: "weight"
        case .word: "word"
        case .text: "text"
        case .fields: "fields"
        case .milliseconds, .microseconds, .bytes, .kilobytesPerSecond: unit.symbol
        }
    }

    private static func range(_ attribute: Attribute) -> String {
        switch attribute.unit {
        case .word: attribute.choices.joined(separator: " ")
        case .text: "\(attribute.range.lowerBound) to \(attribute.range.upperBound) B"
        case .milliseconds, .microseconds, .bytes, .kilobytesPerSecond, .fraction, .flag, .weight,
            .fields:
            "\(attribute.range.lowerBound) to \(attribute.range.upperBound)"
        }
    }

    private static func defaultValue(_ attribute: Attribute) -> String {
        switch attribute.unit {
        case .word: attribute.choices.first ?? ""
        case .text, .fields: "none"
        case .milliseconds, .microseconds, .bytes, .kilobytesPerSecond, .fraction, .flag, .weight:
            "\(attribute.defaultValue)"
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
