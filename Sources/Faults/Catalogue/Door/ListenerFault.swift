/// A fault of a listener that takes nothing but how long it is in force.
protocol ListenerFault: CatalogueEntry {
    /// In nanoseconds; 0: without an end.
    var time: Nanoseconds { get }

    init(time: Nanoseconds)
}

extension ListenerFault {
    static var place: FaultPlace { .listener }
    static var example: String { " for=10s" }
    static var attributes: [Attribute] { [.timeInForce] }

    init(_ values: AttributeValues) {
        self.init(time: values.time("for"))
    }

    var values: [(name: String, value: Quantity)] { [("for", .number(Int64(time)))] }
    var timeInForce: Nanoseconds? { time == 0 ? nil : time }
}

extension Attribute {
    /// Of the faults of listeners.
    static let timeInForce = milliseconds("for", "how long it is in force; 0 is without end")
}
