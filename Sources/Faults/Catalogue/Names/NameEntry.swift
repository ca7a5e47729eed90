import Names

/// A fault of what a name server answers.
protocol NameEntry: CatalogueEntry {
    /// What it does to an answer.
    var nameFault: NameFault { get }
}

extension NameEntry {
    static var place: FaultPlace { .exchange }
    static var stream: ToxicStream { .upstream }
    static var note: FaultNote { FaultNote(.names) }
    static var explains: Explanation { .status }
    static var needsNames: Bool { true }
    static var takesMessages: Bool { true }

    func effect(_ generator: inout SeededGenerator, isConnection: Bool) -> Effect { .answer }
}

/// One that takes nothing.
protocol PlainNameEntry: NameEntry {
    static var nameFault: NameFault { get }

    init()
}

extension PlainNameEntry {
    static var attributes: [Attribute] { [] }
    static var example: String { " toxicity=0.25" }

    init(_ values: AttributeValues) { self.init() }

    var values: [(name: String, value: Quantity)] { [] }
    var nameFault: NameFault { Self.nameFault }
}
