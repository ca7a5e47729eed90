/// The one reader of a toxic: which keys there are, how their values are written and what goes
/// together is decided here, for the command line, the configuration file and the JSON of the API.
/// What one of them takes, all take.
/// They turn their syntax into fields, and a path of keys into a place or into Go's words.
public struct ToxicReading {
    /// Where the ways of writing a toxic differ.
    public enum Syntax: Sendable {
        /// `latency latency=200ms path=/a`: attributes, with units, and conditions stand beside the
        /// other keys.
        case words
        /// `{type: latency, latency: 200ms, match: {path: /a}}`; or `attributes` as in JSON.
        case file
        /// Toxiproxy's: `attributes` in its own units (and `exact` for what these cannot say), `""`
        /// and `null` for nothing, the last of several keys wins; or as in a file.
        case json
    }

    /// Longest name and longest pattern in bytes.
    public static let maximumText = 1024

    /// Keys whose mappings have keys of somebody else's: they are to be left as they are written.
    public static let verbatim = ["headers"]

    let fields: [ToxicField]
    let syntax: Syntax
    /// Whether a toxicity may be any number, as Toxiproxy takes it.
    public var takesAnyToxicity = false
    private let ignoring: ((ToxicError) -> Void)?

    /// - Parameter ignoring: gets what would be said of a key that there is not, which is then left
    ///   alone; nil: it is an error.
    public init(
        _ fields: [ToxicField], as syntax: Syntax, ignoring: ((ToxicError) -> Void)? = nil
    ) {
        (self.fields, self.syntax, self.ignoring) = (fields, syntax, ignoring)
    }

    /// Whether it reads as the peer would: only `attributes` has attributes.
    var isLenient: Bool { ignoring != nil }

    func unknownKey(
        _ path: [String], of owner: String, known: [String]
    ) throws(ToxicError) {
        let error = ToxicError(path, .unknownKey(of: owner, known: known))
        guard let ignoring else { throw error }
        ignoring(error)
    }

    /// - Parameter free: makes a name that is not taken of the default one.
    public func toxic(named free: (String) -> String = { $0 }) throws(ToxicError) -> Toxic {
        // Everything is read before anything is judged: what cannot be read comes first.
        let (name, word, given) = (try name(), try text("type"), try text("stream"))
        let (toxicity, isExact) = (try toxicity() ?? .always, try isExact() ?? false)
        let stream = try stream(given)
        let type = try scripted(try Self.type(word, syntax))
        let spelling = spelling(given) ?? type.stream.rawValue
        let fault = try fault(type, over: [:])
        let (exchanges, match) = (try exchanges(of: type), try match())
        try checkCounting(exchanges, match)
        let window = try window(over: nil)
        return Toxic(
            fault, stream: stream ?? type.stream,
            toxicity: isExact ? .exact(toxicity) : .random(toxicity),
            name: name ?? free(type.defaultName(spelling)), exchanges: exchanges, match: match,
            window: window, streamSpelling: spelling)
    }

    /// `toxic` with what is given; name, type and stream stay.
    public func changed(_ toxic: Toxic) throws(ToxicError) -> Toxic {
        let (toxicity, isExact) = (try toxicity(), try isExact())
        let type = try scripted(toxic.fault.type)
        let isAnother = type.script !== toxic.fault.type.script
        let fault = try fault(type, over: isAnother ? [:] : kept(of: toxic.fault))
        let exchanges =
            has("exchanges") ? try exchanges(of: type) : try recounted(toxic.exchanges)
        let match = try changed(toxic.match)
        try checkCounting(exchanges, match)
        return Toxic(
            fault, stream: toxic.stream, toxicity: Self.changed(toxic.toxicity, toxicity, isExact),
            name: toxic.name, exchanges: exchanges, match: match,
            window: try window(over: toxic.window), streamSpelling: toxic.streamSpelling)
    }

    private static func changed(
        _ toxicity: Toxic.Toxicity, _ probability: Probability?, _ isExact: Bool?
    ) -> Toxic.Toxicity {
        let probability = probability ?? toxicity.probability
        let wasExact = if case .exact = toxicity { true } else { false }
        return isExact ?? wasExact ? .exact(probability) : .random(probability)
    }

    // MARK: What every toxic has

    /// The fault of that name.
    ///
    /// - Throws: a suggestion.
    public static func type(
        _ word: String?, _ syntax: Syntax = .words
    ) throws(ToxicError) -> FaultType {
        guard let word, let type = FaultType(rawValue: word) else {
            throw ToxicError(["type"], .unknownType(word))
        }
        // To the peer's interface its own names are no names in capitals.
        guard
            syntax != .json || word == type.rawValue || word.lowercased() != type.rawValue
                || type.isScript
        else { throw ToxicError(["type"], .unknownType(word)) }
        return type
    }

    /// What it is to be called; nil if nothing is said.
    public func name() throws(ToxicError) -> String? {
        guard let name = try text("name") else { return nil }
        // Toxiproxy takes an empty one for none.
        guard !name.isEmpty else {
            guard syntax == .words else { return nil }
            throw ToxicError(["name"], "name is empty.")
        }
        guard name.utf8.count <= Self.maximumText else {
            throw ToxicError(["name"], "a name has at most \(Self.maximumText) bytes.")
        }
        return name
    }

    private func stream(_ word: String?) throws(ToxicError) -> Toxic.Stream? {
        guard let word else { return nil }
        guard let stream = Toxic.Stream(rawValue: word.lowercased()) else {
            throw ToxicError(["stream"], .unknownStream(word))
        }
        return stream
    }

    /// The API echoes a stream as it was given.
    private func spelling(_ stream: String?) -> String? {
        syntax == .json ? stream : stream?.lowercased()
    }

    private func toxicity() throws(ToxicError) -> Probability? {
        var result: Probability?
        for field in fields where field.name == "toxicity" {
            switch (field.value, syntax) {
            case (.null, .json): continue
            case (.text(let text), .words), (.text(let text), .file):
                result = Notation.probability(text)
                guard result != nil else { throw Self.noProbability(text) }
            case (.number(let digits), _):
                guard let number = Double(digits), number.isFinite else {
                    throw mismatch(field, ["toxicity"], .share)
                }
                result =
                    takesAnyToxicity ? Probability(anyNumber: number) : Probability(number)
                guard result != nil else {
                    throw ToxicError(["toxicity"], "toxicity \(digits) is not between 0 and 1.")
                }
            // A number in quotes is none for the peer.
            case (.text(let text), .json) where text.hasSuffix("%"):
                result = Notation.probability(text)
                guard result != nil else { throw Self.noProbability(text) }
            case (.text, .json), (.flag, _), (.null, _), (.list, _), (.mapping, _):
                throw mismatch(field, ["toxicity"], .share)
            }
        }
        return result
    }

    private static func noProbability(_ text: String) -> ToxicError {
        ToxicError(["toxicity"], "'\(text)' is not a probability. Write 0.25 or 25%.")
    }

    /// Whether the toxicity is a share that is met in every 20 exchanges, instead of a chance.
    private func isExact() throws(ToxicError) -> Bool? {
        guard let word = try text("mode"), !isNothing(word) else { return nil }
        switch word.lowercased() {
        case "exact": return true
        case "random": return false
        default:
            let hint = Suggestion.hint(for: word.lowercased(), in: ["random", "exact"])
            throw ToxicError(["mode"], "mode '\(word)': write random or exact.\(hint)")
        }
    }

    // MARK: Exchanges

    /// - Parameter type: a script may say itself which exchanges it is for.
    private func exchanges(of type: FaultType) throws(ToxicError) -> ExchangeRange? {
        if let own = type.script?.exchanges, try nothing(at: "exchanges") {
            return try recounted(own)
        }
        let counting = try counting()
        guard let text = try text("exchanges", orNumber: true), !isNothing(text) else {
            guard counting == nil || has("exchanges") else {
                throw Self.uncounted
            }
            return nil
        }
        return try Self.range(text, ["exchanges"], counting ?? .target)
    }

    private static let uncounted = ToxicError(
        ["per"], "per says how exchanges are counted, which are missing.")

    /// The same exchanges, counted otherwise.
    private func recounted(_ exchanges: ExchangeRange?) throws(ToxicError) -> ExchangeRange? {
        guard let counting = try counting() else { return exchanges }
        guard let exchanges else { throw Self.uncounted }
        return try Self.range("\(exchanges)", ["exchanges"], counting)
    }

    private func counting() throws(ToxicError) -> ExchangeRange.Counting? {
        guard let word = try text("per"), !isNothing(word) else { return nil }
        guard let counting = ExchangeRange.Counting(rawValue: word.lowercased()) else {
            throw ToxicError(
                ["per"], "per '\(word)': write target, proxy, match, client or header.")
        }
        return counting
    }

    /// Values of a header can be counted only where one is looked at.
    private func checkCounting(_ exchanges: ExchangeRange?, _ match: Match?) throws(ToxicError) {
        guard exchanges?.counting == .header, match?.header?.isAbsent ?? true else { return }
        let found = match?.header == nil ? "which has none" : "which asks that it is missing"
        throw ToxicError(
            [has("per") ? "per" : "match"],
            .invalid(
                "per header counts each value of the header in match, \(found). "
                    + (match?.header == nil ? "Add " : "Write ")
                    + (syntax == .words ? "header=x-test." : "header: x-test to match.")))
    }

    static func range(
        _ text: String, _ path: [String], _ counting: ExchangeRange.Counting = .target
    ) throws(ToxicError) -> ExchangeRange {
        do throws(FaultError) {
            return try ExchangeRange(text, counting: counting)
        } catch {
            throw ToxicError(path, error.description)
        }
    }

    // MARK: Values

    /// Whether there is anything but nothing.
    func has(_ key: String) -> Bool {
        fields.contains { $0.name == key && $0.value != .null }
    }

    private func nothing(at key: String) throws(ToxicError) -> Bool {
        try text(key, orNumber: true).map(isNothing) ?? true
    }

    /// Whether an empty text says nothing.
    func isNothing(_ text: String) -> Bool { text.isEmpty && syntax == .json }

    func text(_ key: String, orNumber: Bool = false) throws(ToxicError) -> String? {
        try text(key, of: fields, [], orNumber: orNumber)
    }

    /// - Parameters:
    ///   - path: to the fields.
    ///   - orNumber: it may be written as a number: `"exchanges": 3`.
    func text(
        _ key: String, of fields: [ToxicField], _ path: [String], orNumber: Bool = false
    ) throws(ToxicError) -> String? {
        var result: String?
        for field in fields where field.name == key {
            switch field.value {
            case .text(let text): result = text
            case .number(let text) where orNumber: result = text
            case .null where syntax == .json: continue
            case .number, .flag, .null, .list, .mapping:
                throw mismatch(field, path + [key], .text)
            }
        }
        return result
    }

    /// Several mappings of one name are merged.
    func mapping(_ key: String) throws(ToxicError) -> [ToxicField]? {
        var merged: [ToxicField]?
        for field in fields where field.name == key && field.value != .null {
            guard case .mapping(let members) = field.value else {
                throw mismatch(field, [key], .mapping)
            }
            merged = (merged ?? []) + members
        }
        return merged
    }

    func mismatch(
        _ field: ToxicField, _ path: [String], _ wanted: ToxicError.Wanted
    ) -> ToxicError {
        ToxicError(path, .mismatch(found: field.value, wanted: wanted))
    }
}
