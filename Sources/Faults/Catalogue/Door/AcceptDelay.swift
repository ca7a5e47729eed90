/// `accept-delay`: the connection is there, but for some time nothing of it is read.
///
/// The kernel has completed it, so that a client's time to connect is over and its time to read
/// runs.
public struct AcceptDelay: CatalogueEntry {
    public let delay: Nanoseconds

    public init(delay: Nanoseconds) {
        self.delay = delay
    }

    static let name = "accept-delay"
    static let place = FaultPlace.connection
    static let summary = "The connection is accepted, and nothing of it is read for some time."
    static let note = FaultNote(.connection, .accept, .medium)
    static let example = " delay=2s"
    static let attributes = [
        Attribute.milliseconds("delay", "how long nothing is read", default: 1000)
    ]

    init(_ values: AttributeValues) {
        self.init(delay: values.time("delay"))
    }

    var values: [(name: String, value: Quantity)] { [("delay", .number(Int64(delay)))] }
    var words: String { "read \(Notation.readable(delay)) late" }
    var arrival: Arrival? { .waits(delay) }
}
