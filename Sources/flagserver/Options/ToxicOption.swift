import ChaosProxy
import Faults

/// One `--toxic`: `<proxy>:<type> key=value …`.
struct ToxicOption {
    /// A proxy that toxics can be given to.
    struct Target {
        let name: String
        let `protocol`: ProxyProtocol
        let toxics: [Toxic]
    }

    let proxy: String
    let toxic: Toxic

    /// - Parameters:
    ///   - targets: the proxies that there are.
    ///   - takesFiles: whether it may name the file of a script.
    /// - Throws: `CommandLineError` 64 that names the word that is wrong and what to write; 66 or
    ///   78 for a file.
    init(_ text: String, targets: [Target], takesFiles: Bool = true) throws {
        let words = try ToxicWords(text).words
        guard let first = words.first, let colon = first.firstIndex(of: ":") else {
            throw OptionValues.usage(
                "--toxic '\(text)' does not say which proxy and type. Write "
                    + "'error:latency latency=200ms'.")
        }
        let target = try Self.target(String(first[..<colon]), targets, in: text)
        let type = ToxicField("type", .text(String(first[first.index(after: colon)...])))
        var fields = [type] + (try Self.fields(words.dropFirst(), in: text))
        let file = try ScriptFile.read(in: &fields, folder: takesFiles ? "" : nil)
        do throws(ToxicError) {
            toxic = try ToxicReading(fields, as: .words).toxic()
            try toxic.check(on: target.protocol.abilities)
        } catch {
            if let file, case .script(let mistake) = error.reason { throw file.located(mistake) }
            throw OptionValues.usage(Self.message(error, fields, in: text))
        }
        proxy = target.name
        guard !target.toxics.contains(where: { $0.name == toxic.name }) else {
            throw OptionValues.usage(
                "--toxic '\(text)': proxy '\(proxy)' already has a toxic '\(toxic.name)'. "
                    + "Give this one a name: name=\(toxic.name)_2.")
        }
    }

    private static func target(_ word: String, _ targets: [Target], in text: String) throws
        -> Target
    {
        let names = targets.map(\.name)
        if let target = targets.first(where: { $0.name == word })
            ?? targets.first(where: { $0.name == word.lowercased() })
        {
            return target
        }
        if FlagServer(rawValue: word.lowercased()) != nil {
            throw OptionValues.usage("--toxic '\(text)': proxy '\(word)' is off (see --ports).")
        }
        if CharfinderServer(named: word) != nil {
            throw OptionValues.usage(
                "--toxic '\(text)': proxy '\(word)' is off (see --charfinder).")
        }
        // The name server is called like its protocol.
        if word.lowercased() == ProxyProtocol.dns.rawValue {
            throw OptionValues.usage("--toxic '\(text)': proxy '\(word)' is off (see --dns).")
        }
        throw OptionValues.usage(
            "--toxic '\(text)': there is no proxy '\(word)' (\(names.joined(separator: ", ")))."
                + Suggestion.hint(for: word, in: names))
    }

    /// `key=value`, or a word alone.
    private static func fields(_ words: ArraySlice<String>, in text: String) throws
        -> [ToxicField]
    {
        var names: Set<String> = ["type"]
        return try words.map { word in
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = ConfigurationFields.underscored(parts[0].lowercased())
            guard names.insert(name).inserted || ToxicReading.verbatim.contains(name) else {
                throw OptionValues.usage("--toxic '\(text)': '\(name)' is given twice.")
            }
            return ToxicField(name, parts.count == 2 ? .text(String(parts[1])) : .flag(true))
        }
    }

    private static func message(
        _ error: ToxicError, _ fields: [ToxicField], in text: String
    ) -> String {
        switch error.reason {
        case .unknownType: return error.description
        case .unknownKey, .mismatch:
            let word = error.path.last ?? ""
            let isAlone = fields.contains(ToxicField(word, .flag(true)))
            return isAlone
                ? "--toxic '\(text)': '\(word)' is no key=value." : "--toxic '\(text)': \(error)"
        case .unknownStream, .script, .invalid: return "--toxic '\(text)': \(error)"
        }
    }
}
