import HTTPWire

/// One fault of a URL, with its parameters: `latency;latency=2s;toxicity=10%`.
struct FaultSegment {
    /// The parameter that counts how often a redirect still leads to another one.
    static let countdown = "n"

    /// As it stands in the URL.
    let text: String
    let type: FaultType
    private let fields: [ToxicField]

    /// All faults of a segment, in their order.
    static func all(_ segment: some Collection<UInt8>) throws(FaultPathError) -> [FaultSegment] {
        let parts = segment.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        guard parts.count <= FaultPath.maximumFaults else {
            throw FaultPathError(
                400, "a URL has at most \(FaultPath.maximumFaults) faults, not \(parts.count).")
        }
        var all: [FaultSegment] = []
        for part in parts { all.append(try FaultSegment(part, isAlone: parts.count == 1)) }
        return all
    }

    private init(_ bytes: some Collection<UInt8>, isAlone: Bool) throws(FaultPathError) {
        let parts = bytes.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
        let word = Self.decoded(parts[0])
        guard word.lowercased() != FaultPath.control else {
            throw FaultPathError(
                400,
                isAlone
                    ? "'ok' is no fault and has no parameters. Write /ok/ alone."
                    : "'ok' is no fault. Leave it out beside others.")
        }
        type = try Self.type(word)
        text = String(decoding: bytes, as: UTF8.self)
        fields = try Self.fields(parts.dropFirst(), type)
    }

    // MARK: Words

    private static func type(_ word: String) throws(FaultPathError) -> FaultType {
        guard !word.isEmpty else {
            throw FaultPathError(404, "no fault is named. / lists all of them.")
        }
        guard let type = FaultType(rawValue: word) else {
            let names = FaultType.names + [FaultPath.control]
            let hint = Suggestion.hint(for: word.lowercased(), in: names)
            throw FaultPathError(404, "there is no fault '\(word)'.\(hint) / lists all of them.")
        }
        guard type != .script else { throw FaultPathError(400, Self.ownScript) }
        guard !type.needsNames else {
            throw FaultPathError(
                400,
                "\(type.rawValue) is about what a name server answers. Start one with --dns "
                    + "--toxic '\(type.example)'.")
        }
        guard type.standsInPaths else {
            throw FaultPathError(
                400,
                "\(type.rawValue) acts before there is a URL. Start the server with "
                    + "--toxic '\(type.example(on: "fault"))'.")
        }
        return type
    }

    private static let ownScript =
        "a script of your own cannot stand in a URL. Use --toxic 'fault:script file=my.fault'."

    /// `key=value`, or a word alone.
    private static func fields<Bytes: Collection<UInt8>>(
        _ parts: some Collection<Bytes>, _ type: FaultType
    ) throws(FaultPathError) -> [ToxicField] {
        var fields: [ToxicField] = []
        for part in parts {
            let halves = part.split(
                separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(decoded(halves[0]).lowercased().map { $0 == "-" ? "_" : $0 })
            guard !name.isEmpty else {
                throw FaultPathError(
                    400, "\(type.rawValue): there is nothing behind a ';'. Write ;name=value.")
            }
            guard !fields.contains(where: { $0.name == name }) else {
                throw FaultPathError(400, "\(type.rawValue): '\(name)' is given twice.")
            }
            try checkPlace(of: name, type)
            let value = halves.count == 2 ? decoded(halves[1]) : nil
            fields.append(
                ToxicField(name, value.map { .text(rate($0, name, type)) } ?? .flag(true)))
        }
        return fields
    }

    /// A slash cannot stand in a segment: `64kB` means `64kB/s`.
    private static func rate(_ text: String, _ name: String, _ type: FaultType) -> String {
        let isRate = type.attribute(named: name)?.unit == .kilobytesPerSecond
        return isRate && !text.contains("/") && text.last?.isLetter == true ? "\(text)/s" : text
    }

    /// What a toxic can have and a URL cannot.
    private static func checkPlace(
        of name: String, _ type: FaultType
    ) throws(FaultPathError) {
        guard type.attribute(named: name) == nil else { return }
        let reason: String? =
            switch name {
            case "name": "a fault in a URL is called what it is."
            case "path": "the path is the rest of the URL."
            case "ttl", "schedule": "it is for toxics that stay: set one on a server."
            case "file", "steps": ownScript
            default: nil
            }
        if let reason { throw FaultPathError(400, "\(type.rawValue): \(name): \(reason)") }
    }

    /// Percent-decoded once; a `%` without two hexadecimal digits behind it means itself.
    static func decoded(_ bytes: some Collection<UInt8>) -> String {
        var decoded: [UInt8] = []
        var rest = bytes[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2).compactMap(Hexadecimal.value)
            if byte == UInt8(ascii: "%"), digits.count == 2 {
                decoded.append(digits[0] << 4 | digits[1])
                rest = rest.dropFirst(2)
            } else {
                decoded.append(byte)
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }

    // MARK: What it means

    /// - Parameter count: which one of its type it is in the URL, from 1.
    func toxic(count: Int) throws(FaultPathError) -> Toxic {
        let name = count == 1 ? type.rawValue : "\(type.rawValue)_\(count)"
        do throws(ToxicError) {
            let given = [ToxicField("type", .text(type.rawValue))] + fields
            let toxic = try ToxicReading(given, as: .words).toxic { _ in name }
            try checkCounting(toxic)
            try toxic.check(
                on: ProtocolAbilities(name: "http", hasHeads: true, withErrors: ["http"]))
            return toxic.ofRequest
        } catch {
            throw FaultPathError(400, words(error))
        }
    }

    /// Counts that outlast a request are of toxics that do.
    private func checkCounting(_ toxic: Toxic) throws(ToxicError) {
        guard toxic.exchanges?.counting.isOwn == true else { return }
        throw ToxicError(
            ["per"], .invalid("per: a URL counts per target, its own; or write per=proxy."))
    }

    /// Keys of toxics that are not told of: they have no place here.
    private static let excluded = [
        "name", "path", "ttl", "schedule", "file", "steps", "variant",
    ]

    private func words(_ error: ToxicError) -> String {
        guard case .unknownKey(_, let known) = error.reason, let key = error.path.last else {
            return "\(type.rawValue): \(error)"
        }
        let allowed = known.filter { !Self.excluded.contains($0) }
        let hint = Suggestion.hint(for: key, in: allowed)
        let all = " There are \(allowed.joined(separator: ", "))."
        return "\(type.rawValue) has no '\(key)'.\(hint.isEmpty ? all : hint)"
    }

    /// The same with another count.
    func counting(_ count: Int64) -> String {
        let parts = text.split(separator: ";", omittingEmptySubsequences: false)
        let isCount = { (part: Substring) in
            let name = part.prefix { $0 != "=" }
            return Self.decoded(name.utf8).lowercased() == Self.countdown
        }
        let rest = parts.dropFirst().filter { !isCount($0) }.map { ";\($0)" }
        return "\(parts[0]);\(Self.countdown)=\(count)\(rest.joined())"
    }
}
