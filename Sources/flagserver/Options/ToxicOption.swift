import ChaosProxy
import ControlAPI
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

    /// Keys that every toxic has, beside its fault's attributes.
    private static let settings = [
        "name", "stream", "toxicity", "exchanges", "per", "path", "method", "header", "client",
        "request",
    ]

    /// - Parameter targets: the proxies that there are.
    /// - Throws: `CommandLineError` 64 that names the word that is wrong and what to write.
    init(_ text: String, targets: [Target]) throws {
        let words = text.split { $0 == " " || $0 == "\t" }.map(String.init)
        guard let first = words.first, let colon = first.firstIndex(of: ":") else {
            throw OptionValues.usage(
                "--toxic '\(text)' does not say which proxy and type. Write "
                    + "'error:latency latency=200ms'.")
        }
        let target = try Self.target(String(first[..<colon]), targets, in: text)
        let type = try Self.type(String(first[first.index(after: colon)...]))
        do {
            toxic = try Self.toxic(type, words.dropFirst(), protocol: target.protocol)
        } catch {
            throw OptionValues.usage("--toxic '\(text)': \(error)")
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
        if FlagServerName(rawValue: word.lowercased()) != nil {
            throw OptionValues.usage("--toxic '\(text)': proxy '\(word)' is off (see --ports).")
        }
        throw OptionValues.usage(
            "--toxic '\(text)': there is no proxy '\(word)' (\(names.joined(separator: ", ")))."
                + Suggestion.hint(for: word, in: names))
    }

    /// - Throws: `CommandLineError` 64 with a suggestion.
    static func type(_ word: String) throws -> FaultType {
        if let type = FaultType(rawValue: word.lowercased()) { return type }
        let names = FaultType.allCases.map(\.rawValue)
        throw OptionValues.usage(
            "unknown toxic '\(word)'.\(Suggestion.hint(for: word.lowercased(), in: names)) "
                + "'flagserver toxics' lists all.")
    }

    // MARK: Its words

    private static func toxic(
        _ type: FaultType, _ words: ArraySlice<String>, protocol: ProxyProtocol
    ) throws(FaultError) -> Toxic {
        var attributes: [String: Quantity] = [:]
        var settings: [String: String] = [:]
        for word in words {
            let (key, value) = try pair(word, type)
            if Self.settings.contains(key) {
                guard settings.updateValue(value, forKey: key) == nil else { throw twice(key) }
            } else {
                let (name, quantity) = try attribute(key, value, type)
                guard attributes.updateValue(quantity, forKey: name) == nil else {
                    throw twice(key)
                }
            }
        }
        try check(type, settings, `protocol`)
        let fault = try Fault(type, attributes)
        return Toxic(
            fault, stream: try stream(settings["stream"], type),
            toxicity: .random(try settings["toxicity"].map(ToxicQuantity.probability) ?? .always),
            name: try name(settings["name"]), exchanges: try exchanges(settings),
            match: try match(settings))
    }

    private static func twice(_ key: String) -> FaultError {
        FaultError("'\(key)' is given twice.")
    }

    /// `key=value`; a status alone has the weight 1.
    private static func pair(_ word: String, _ type: FaultType) throws(FaultError)
        -> (String, String)
    {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let key = parts[0].lowercased()
        if parts.count == 2 { return (key, String(parts[1])) }
        guard type == .respond, type.attribute(named: key)?.unit == .weight else {
            throw FaultError("'\(word)' is no key=value.")
        }
        return (key, "1")
    }

    private static func attribute(_ key: String, _ value: String, _ type: FaultType)
        throws(FaultError) -> (String, Quantity)
    {
        guard let attribute = type.attribute(named: key) else {
            let names = type.attributes.map(\.name)
            let own = names.isEmpty ? "no attributes" : names.joined(separator: ", ")
            throw FaultError(
                "\(type.rawValue) has no '\(key)' (\(own); and \(settings.joined(separator: ", "))"
                    + ").\(Suggestion.hint(for: key, in: names + settings))")
        }
        let name = attribute.unit == .weight ? key : attribute.name
        do {
            return (name, try ToxicQuantity.quantity(value, of: attribute))
        } catch {
            throw FaultError("\(key)=\(value): \(error.description)")
        }
    }

    /// What would never happen on this protocol.
    private static func check(
        _ type: FaultType, _ settings: [String: String], _ protocol: ProxyProtocol
    ) throws(FaultError) {
        let ofHTTP = ["path", "method", "header"].first { settings[$0] != nil }
        if let ofHTTP, `protocol` != .http {
            throw FaultError(
                "\(ofHTTP)= can only be told on protocol http, and this is "
                    + "\(`protocol`.rawValue).")
        }
        guard type != .respond || `protocol` != .tcp else {
            throw FaultError(
                "protocol tcp has no errors to respond with. Use --protocol http, redis, "
                    + "memcache, mysql or smtp, or another toxic.")
        }
    }

    private static func stream(_ text: String?, _ type: FaultType) throws(FaultError)
        -> Toxic.Stream
    {
        let standard: Toxic.Stream = type == .respond ? .upstream : .downstream
        guard let text else { return standard }
        guard let stream = Toxic.Stream(rawValue: text.lowercased()) else {
            throw FaultError("stream=\(text): write upstream or downstream.")
        }
        guard type != .respond || stream == .upstream else {
            throw FaultError("stream=\(text): respond belongs to the upstream.")
        }
        return stream
    }

    private static func name(_ text: String?) throws(FaultError) -> String? {
        guard text != "" else { throw FaultError("name= is empty.") }
        return text
    }
}
