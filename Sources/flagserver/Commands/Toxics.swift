import ArgumentParser
import Faults

/// `flagserver toxics`: every fault with its attributes, from the schema that everything uses.
struct Toxics: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the faults with their attributes, units, ranges and defaults.",
        discussion: """
            EXAMPLES:
              flagserver toxics               all of them, by what they are about
              flagserver toxics latency       this one
              flagserver toxics truncate      a script, with its text

            Units are those of the JSON API. In --toxic a time or a rate is written
            with its unit, 200ms or 64kB/s, and a size may have one. To add one to a
            server that runs: 'flagserver toxic add'. Write your own: 'flagserver help
            scripts'.
            """)

    @Argument(help: "latency, bandwidth, truncate, … (default: all).")
    var name: String?

    func run() throws {
        guard let name else { return try StandardOutput.write(Self.all + Self.settings) }
        do throws(ToxicError) {
            _ = try ToxicReading.type(name)
        } catch {
            throw OptionValues.usage(error.description)
        }
        let types = FaultType.all(named: name)
        try StandardOutput.write(FaultText.whole(types) + Self.settings)
    }

    /// The core in full, of the scripts a line each.
    static var all: String {
        let core = FaultType.core.map(FaultText.schema) + [FaultText.schema(.script)]
        let groups = FaultNote.Group.allCases.compactMap { group in
            FaultText.group(group, FaultType.allCases.filter(\.isScript))
        }
        return (core + groups).joined(separator: "\n")
    }

    private static let settings = """

        Every toxic also takes:
          name=<text>                          default <type>_<stream>; a script: <type>
          stream=upstream|downstream           default downstream; respond, scripts: upstream
          toxicity=<share>                     default 1; 0.25 or 25%
          mode=random|exact                    default random; exact: in every 20 exchanges
          exchanges=1...2 | 5... | 3 | every4  default all; counted per=target; or per=proxy,
                                               match (those let in), client, header (each value)
          ttl=30s                              default none; gone after so long
          schedule=5s/30s                      default always; in force 5 of every 30 s
          path=/flags/br/*  method=GET  header=<name>[:<value>]  client=10.0.0.0/8  request=1...2
          header=!<name>                       only without that field

        """
}
