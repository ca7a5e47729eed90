/// A fault that ends a connection before a byte of it is read.
protocol ArrivalEnd: CatalogueEntry {
    static var end: Cut { get }

    init()
}

extension ArrivalEnd {
    static var place: FaultPlace { .connection }
    static var example: String { " toxicity=0.1" }
    static var attributes: [Attribute] { [] }
    static var explains: Explanation { .ending }

    init(_ values: AttributeValues) { self.init() }

    var values: [(name: String, value: Quantity)] { [] }
    var arrival: Arrival? { .ends(Self.end) }
}
