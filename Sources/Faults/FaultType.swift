/// What can go wrong, by the API's word for it.
///
/// Names, attributes and units are Toxiproxy's where Toxiproxy has the fault; `corrupt` is
/// Vaurien's `error` on protocols without errors, `respond` our own.
public struct FaultType: RawRepresentable, Hashable, CaseIterable, Sendable {
    let entry: any CatalogueEntry.Type

    public static let allCases = Fault.catalogue.map { FaultType(entry: $0.entry) }

    init(entry: any CatalogueEntry.Type) {
        self.entry = entry
    }

    /// - Returns: nil if there is no such fault.
    public init?(rawValue: String) {
        guard let type = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
        self = type
    }

    public static func == (left: FaultType, right: FaultType) -> Bool {
        left.entry == right.entry
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(entry))
    }

    public var rawValue: String { entry.name }
    public var place: FaultPlace { entry.place }
    /// Whether it is about requests that follow each other, which only http has.
    var needsHTTP: Bool { entry.needsHTTP }
    /// Where it acts unless it is told otherwise.
    public var stream: Toxic.Stream { entry.stream }
    /// One sentence for people.
    public var summary: String { entry.summary }
    /// What is known of it beside how it works.
    public var note: FaultNote { entry.note }
    /// A complete value of `--toxic` that can be pasted.
    public var example: String { "local:\(rawValue)\(entry.example)" }
    /// In the order in which they are shown.
    public var attributes: [Attribute] { entry.attributes }

    /// The attribute of that name, in whatever case.
    public func attribute(named name: String) -> Attribute? { entry.attribute(named: name) }
}

extension CatalogueEntry {
    static var type: FaultType { FaultType(entry: Self.self) }
}
