import HTTPWire

/// `connection-close-stays`: each answer says that the connection ends with it, and it stays open.
public struct ConnectionCloseStays: CatalogueEntry {
    /// How long behind the last answer.
    public let time: Nanoseconds

    public init(time: Nanoseconds) {
        self.time = time
    }

    static let name = "connection-close-stays"
    static let place = FaultPlace.connection
    static let hasStage = true
    static let needsHTTP = true
    static let summary =
        "The answer says Connection: close, and the connection stays open for some time."
    static let note: FaultNote = {
        var note = FaultNote(.reuse, .accept, .medium, aliases: ["close-stays-open"])
        note.sources = ["RFC 9112 §9.6"]
        return note
    }()
    static let example = " for=10s"
    static let attributes = [
        Attribute.milliseconds("for", "how long behind an answer", default: 10_000)
    ]
    static let explains = Explanation.ending

    init(_ values: AttributeValues) {
        self.init(time: values.time("for"))
    }

    var values: [(name: String, value: Quantity)] { [("for", .number(Int64(time)))] }
    var words: String { "says close, stays open for \(Notation.readable(time))" }
    var openTime: Nanoseconds? { time }

    func stage(seed: UInt64, credit: () -> BandwidthCredit) -> (any Stage)? {
        ConnectionCloseStaysStage()
    }
}

/// The head on its way.
struct ConnectionCloseStaysStage: Stage {
    typealias Entry = ConnectionCloseStays
    private var head = ConnectionField("close")
    var heldBytes: Int { head.heldBytes }

    mutating func receive(_ flow: Flow, at now: Instant, into actions: inout Actions) {
        head.receive(flow, into: &actions)
    }

    mutating func release(at now: Instant, into actions: inout Actions) {
        head.release(into: &actions)
    }

    mutating func update(
        _ entry: ConnectionCloseStays, _ effect: Effect, at now: Instant,
        into actions: inout Actions
    ) {}
}
