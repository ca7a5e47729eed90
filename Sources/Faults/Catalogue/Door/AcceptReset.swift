/// `accept-reset`: the connection is reset before a byte of it is read, 20 ms behind its beginning,
/// so that every client's connect succeeds.
public struct AcceptReset: CatalogueEntry {
    public init() {}

    static let name = "accept-reset"
    static let place = FaultPlace.connection
    static let summary = "The connection is accepted and reset (RST) before a byte is read."
    static let note = FaultNote(.connection, .error, .high)
    static let example = " toxicity=0.1"
    static let attributes: [Attribute] = []
    static let explains = Explanation.ending

    init(_ values: AttributeValues) {}

    var values: [(name: String, value: Quantity)] { [] }
    var words: String { "RST at once" }
    var arrival: Arrival? { .ends(.rst) }
}
