/// `accept-close`: the connection is ended before a byte of it is read.
public struct AcceptClose: CatalogueEntry {
    public init() {}

    static let name = "accept-close"
    static let place = FaultPlace.connection
    static let summary = "The connection is accepted and ended (FIN) at once."
    static let note = FaultNote(.connection, .error, .high)
    static let example = " toxicity=0.1"
    static let attributes: [Attribute] = []
    static let explains = Explanation.ending

    init(_ values: AttributeValues) {}

    var values: [(name: String, value: Quantity)] { [] }
    var words: String { "FIN at once" }
    var arrival: Arrival? { .ends(.fin) }
}
