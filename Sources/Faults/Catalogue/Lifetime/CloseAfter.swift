/// `close-after`: the connection ends behind so many answers, and none of them says so.
public struct CloseAfter: CatalogueEntry {
    /// At least 1.
    public let requests: UInt64

    public init(requests: UInt64) {
        self.requests = requests
    }

    static let name = "close-after"
    static let place = FaultPlace.connection
    static let hasStage = true
    static let needsHTTP = true
    static let summary =
        "The connection is closed (FIN) behind so many answers, and none of them says so."
    static let note: FaultNote = {
        var note = FaultNote(.reuse, .accept, .high)
        note.needs = [.reuse]
        return note
    }()
    static let example = " requests=2"
    static let attributes = [
        Attribute("requests", .count, "how many are answered", 1...1_000_000, default: 1)
    ]
    static let explains = Explanation.ending

    init(_ values: AttributeValues) {
        self.init(requests: UInt64(values.number("requests")))
    }

    var values: [(name: String, value: Quantity)] { [("requests", .number(Int64(requests)))] }
    var words: String { "FIN behind answer \(requests)" }

    /// - Parameter seed: the number of the request on its connection.
    func stage(seed: UInt64, credit: () -> BandwidthCredit) -> (any Stage)? {
        CloseAfterStage(requests, request: seed)
    }
}

/// The wait for the end of the last answer.
struct CloseAfterStage: Stage {
    private var requests: UInt64
    private let number: UInt64

    init(_ requests: UInt64, request number: UInt64) {
        (self.requests, self.number) = (requests, number)
    }

    mutating func receive(_ flow: Flow, at now: Instant, into actions: inout Actions) {
        actions.forward(flow)
        if case .boundary = flow, number >= requests { actions.forward(.cut(.fin)) }
    }

    mutating func update(
        _ entry: CloseAfter, _ effect: Effect, at now: Instant, into actions: inout Actions
    ) {
        requests = entry.requests
    }
}
