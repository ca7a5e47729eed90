import Names

/// `many-records`: an answer with addresses has so many more, which fit into TCP only.
public struct ManyRecords: NameEntry {
    public let count: Int

    public init(count: Int) {
        self.count = count
    }

    static let name = "many-records"
    static let summary =
        "An answer with addresses has so many more, of this machine: over UDP it is truncated."
    static let example = " count=500 toxicity=0.25"
    static let attributes = [
        Attribute(
            "count", .count, "how many more", 1...Int64(NameFault.maximumRecords), default: 200)
    ]

    init(_ values: AttributeValues) {
        self.init(count: Int(values.number("count")))
    }

    var values: [(name: String, value: Quantity)] { [("count", .number(Int64(count)))] }
    var words: String { "\(count) records more" }
    var nameFault: NameFault { .manyRecords(count: count) }
}
