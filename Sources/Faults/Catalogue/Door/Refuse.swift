/// `refuse`: nobody listens, so that the kernel answers who connects with RST.
///
/// The port stays ours, and connections that are open go on; those that nobody has accepted yet are
/// reset.
public struct Refuse: CatalogueEntry {
    /// 0: without an end.
    public let time: Nanoseconds

    public init(time: Nanoseconds) {
        self.time = time
    }

    static let name = "refuse"
    static let place = FaultPlace.listener
    static let summary =
        "Connections are refused (RST) while the port stays taken; those that are open go on."
    static let note = FaultNote(
        .listener, .error, .high,
        links: ["wiremock/wiremock#212", "csernazs/pytest-httpserver#54", "rockdaboot/wget2#255"],
        aliases: ["connection-refused"])
    static let example = " for=10s"
    static let attributes = [Attribute.timeInForce]

    init(_ values: AttributeValues) {
        self.init(time: values.time("for"))
    }

    var values: [(name: String, value: Quantity)] { [("for", .number(Int64(time)))] }
    var words: String { "connections refused" }
    var timeInForce: Nanoseconds? { time == 0 ? nil : time }

    func door(isIPv6: Bool) -> Door { .refusing }
}

extension Attribute {
    /// Of the faults of listeners.
    static let timeInForce = milliseconds("for", "how long it is in force; 0 is without end")
}
