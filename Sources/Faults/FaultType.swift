/// What can go wrong, by the API's word for it.
///
/// Names, attributes and units are Toxiproxy's where Toxiproxy has the fault; `corrupt` is
/// Vaurien's `error` on protocols without errors, `respond` our own. Every script of the catalogue
/// is a type, too: `truncate`, or with its variant `bad-length.negative`.
public struct FaultType: RawRepresentable, Hashable, CaseIterable, Sendable {
    let entry: any CatalogueEntry.Type
    /// What a type that is a script does; nil for the others.
    public let script: Script?

    /// Those that are no scripts.
    public static let core = Fault.catalogue.map { FaultType(entry: $0.entry) }
    /// The core first, then the scripts of the catalogue, in the order of their groups.
    public static let allCases = core + ownScripts

    /// A script of somebody's own; which one is said beside it.
    public static let script = FaultType(entry: ScriptFault.self)

    init(entry: any CatalogueEntry.Type, script: Script? = nil) {
        (self.entry, self.script) = (entry, script)
    }

    init(_ script: Script) {
        self.init(entry: ScriptFault.self, script: script)
    }

    /// - Parameter rawValue: its name; of a fault with variants that of the fault is the first one.
    ///   An alias is as good as a name; `-` and `_` are the same, and so are capitals.
    /// - Returns: nil if there is no such fault.
    public init?(rawValue: String) {
        let key = Self.key(rawValue)
        // Who wants none of the scripts need not read them.
        guard let type = Self.coreTable[key] ?? Self.table[key] else { return nil }
        self = type
    }

    public static func == (left: FaultType, right: FaultType) -> Bool {
        left.entry == right.entry && left.catalogued === right.catalogued
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(entry))
        if let catalogued { hasher.combine(ObjectIdentifier(catalogued)) }
    }

    /// Scripts of somebody's own are of one type, whatever they say.
    private var catalogued: Script? { script?.isOwn == true ? script : nil }

    public var rawValue: String { catalogued?.name ?? entry.name }
    /// Its name without that of a variant.
    public var fault: Substring { rawValue.prefix { $0 != "." } }
    public var place: FaultPlace { entry.place }
    /// Whether it is about requests that follow each other, which only http has.
    var needsHTTP: Bool { entry.needsHTTP }
    /// Whether it is about what a name server answers.
    public var needsNames: Bool { entry.needsNames }
    /// Whether it can be had where there are whole messages, and no bytes that flow.
    public var takesMessages: Bool { entry.takesMessages }
    /// Where it acts unless it is told otherwise.
    public var stream: Toxic.Stream { entry.stream }
    /// One sentence for people.
    public var summary: String { script?.sentence ?? entry.summary }
    /// What is known of it beside how it works.
    public var note: FaultNote { script?.note ?? entry.note }
    /// In the order in which they are shown.
    public var attributes: [Attribute] { script?.parameters ?? entry.attributes }
    /// Whether it is written as a script.
    public var isScript: Bool { entry == ScriptFault.self }

    /// The attribute of that name, in whatever case.
    public func attribute(named name: String) -> Attribute? {
        guard let script else { return entry.attribute(named: name) }
        let key = Self.key(name)
        return script.parameters.first { Self.key($0.name) == key }
    }

    /// Of a script the attribute that a key with a unit is about: `at` of `at_bytes`.
    func attribute(ofKey key: String) -> Attribute? {
        let key = Self.key(key)
        return script?.parameters.filter { key.hasPrefix(Self.key($0.name) + "-") }.max {
            $0.name.count < $1.name.count
        }
    }

    /// A complete value of `--toxic` that can be pasted.
    public var example: String {
        let server = needsNames ? "dns" : "local"
        guard let script else { return "\(server):\(rawValue)\(entry.example)" }
        let values = script.parameters.map { " \($0.name)=\($0.written($0.defaultQuantity))" }
        return "local:\(rawValue)\(values.joined())"
    }

    /// What a toxic of it is called unless it is told otherwise: Toxiproxy's `<type>_<stream>`; a
    /// script, of which there is one stream only, by its name alone.
    public func defaultName(_ stream: String) -> String {
        isScript ? rawValue : "\(rawValue)_\(stream)"
    }
}

// MARK: Names

extension FaultType {
    /// The scripts of the catalogue but for those that are called like one of the core.
    private static let ownScripts: [FaultType] = {
        let taken = Set(core.map { key($0.rawValue) })
        return Script.catalogue.filter { !taken.contains(key($0.name)) }.map { FaultType($0) }
    }()

    private static let coreTable = Dictionary(
        uniqueKeysWithValues: core.map { (key($0.rawValue), $0) })

    /// By all that they can be called. A type's own name comes before that of a fault with
    /// variants, and that before every alias.
    private static let table: [String: FaultType] = {
        let all = allCases + [script]
        let names =
            all.map { ($0.rawValue, $0) } + all.map { (String($0.fault), $0) }
            + all.flatMap { type in type.note.aliases.map { ($0, type) } }
        return Dictionary(names.map { (key($0), $1) }) { first, _ in first }
    }()

    /// As names are compared.
    private static func key(_ name: String) -> String {
        String(name.lowercased().map { $0 == "_" || $0 == " " ? "-" : $0 })
    }

    /// What can be written for people to find: types, faults with variants, and aliases.
    public static let names: [String] = {
        let all = allCases + [script]
        let faults = allCases.map { String($0.fault) }
        var seen: Set<String> = []
        return (all.map(\.rawValue) + faults + all.flatMap(\.note.aliases)).filter {
            seen.insert($0).inserted
        }
    }()

    /// All variants of the fault that is called so, or the one type.
    public static func all(named name: String) -> [FaultType] {
        guard let type = FaultType(rawValue: name) else { return [] }
        guard !name.contains("."), type.script != nil else { return [type] }
        return allCases.filter { $0.fault == type.fault }
    }
}

extension CatalogueEntry {
    static var type: FaultType { FaultType(entry: Self.self) }
}
