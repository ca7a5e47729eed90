import ArgumentParser
import ControlAPI
import Faults

/// What `toxic add` and `toxic update` are told of a toxic.
struct ToxicOptions: ParsableArguments {
    @Option(
        name: [.customShort("n"), .customLong("toxicName")],
        help: ArgumentHelp("Of the toxic (default: <type>_<stream>).", valueName: "name"))
    var toxicName: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Share of those it hits: 0.25 or 25%.", valueName: "share"))
    var toxicity: String?

    @Option(
        name: [.short, .long], parsing: .unconditionalSingleValue,
        help: ArgumentHelp("Repeatable.", valueName: "key=value"))
    var attribute: [String] = []

    @Argument(help: "The proxy's name.")
    var proxy: String?

    /// - Parameter usage: the command with what it needs.
    /// - Throws: `CommandLineError` 64 if none was typed.
    func neededName(_ usage: String, _ manner: ClientManner) throws -> String {
        try Self.neededName(toxicName, usage, manner)
    }

    static func neededName(
        _ name: String?, _ usage: String, _ manner: ClientManner
    ) throws -> String {
        if let name, !name.isEmpty { return name }
        throw OptionValues.usage(
            "the toxic's name is missing. Write '\(manner.program) \(usage)'; "
                + "'\(manner.program) inspect <proxy>' has the names.")
    }

    // MARK: With units

    /// The attributes, and the conditions among them.
    ///
    /// - Throws: `CommandLineError` 64.
    func fields() throws -> [ToxicField] {
        var names: Set<String> = []
        return try attribute.map { word in
            let (name, value) = try Self.pair(word)
            let isRepeatable = ToxicReading.verbatim.contains(name.lowercased())
            guard names.insert(name.lowercased()).inserted || isRepeatable else {
                throw OptionValues.usage("--attribute '\(name)' is given twice.")
            }
            let beside = ["type": "--type", "name": "--toxicName", "toxicity": "--toxicity"]
            if let option = beside[name.lowercased()] {
                throw OptionValues.usage("'\(name)' is no attribute. Write \(option) \(value).")
            }
            return ToxicField(name.lowercased(), .text(value))
        }
    }

    private static func pair(_ word: String) throws -> (name: String, value: String) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else {
            throw OptionValues.usage(
                "--attribute '\(word)' is no key=value. Write --attribute latency=200ms.")
        }
        return (String(parts[0]), String(parts[1]))
    }

    /// - Throws: what is wrong with a toxic, as `CommandLineError` 64.
    func read(
        _ fields: [ToxicField], _ body: (ToxicReading) throws(ToxicError) -> Toxic
    ) throws -> Toxic {
        var fields = fields
        // The daemon takes no names of files.
        let file = try ScriptFile.read(in: &fields, folder: "")
        do throws(ToxicError) {
            return try body(ToxicReading(fields, as: .words))
        } catch {
            if let file, case .script(let mistake) = error.reason { throw file.located(mistake) }
            throw OptionValues.usage(error.description)
        }
    }

    // MARK: Without units

    /// As toxiproxy-cli sends it; nil if none is given.
    func bareToxicity() throws -> JSONValue? {
        guard let toxicity else { return nil }
        guard let value = Double(toxicity), (0...1).contains(value) else {
            throw OptionValues.usage("--toxicity \(toxicity): write a number from 0 to 1.")
        }
        return Self.bare(toxicity)
    }

    /// As toxiproxy-cli sends them: numbers as they are, and several with commas between.
    func bareAttributes() throws -> JSONValue {
        let pairs = try attribute.flatMap { $0.split(separator: ",") }.map {
            try Self.pair(String($0))
        }
        return .object(pairs.map { .init($0.name, Self.bare($0.value)) })
    }

    private static func bare(_ text: String) -> JSONValue {
        guard let value = Double(text), value.isFinite else { return .string(text) }
        let isWhole = value == value.rounded() && abs(value) < 1e15
        return .number(isWhole ? "\(Int64(value))" : "\(value)")
    }
}
