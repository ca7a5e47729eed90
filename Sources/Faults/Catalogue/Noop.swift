/// `noop`: nothing happens. Toxiproxy has it too, for those who try its interface.
public struct Noop: CatalogueEntry {
    public init() {}

    static let name = "noop"
    static let takesMessages = true
    static let summary = "Nothing happens."
    static let example = ""
    static let attributes: [Attribute] = []
    static let hasStage = false

    init(_ values: AttributeValues) {}

    var values: [(name: String, value: Quantity)] { [] }
    var words: String { "nothing" }
}
