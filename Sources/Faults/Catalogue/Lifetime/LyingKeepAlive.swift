import HTTPWire

/// `lying-keep-alive`: each answer says that the connection is kept alive, and it ends behind it.
public struct LyingKeepAlive: CatalogueEntry {
    public init() {}

    static let name = "lying-keep-alive"
    static let place = FaultPlace.connection
    static let hasStage = true
    static let needsHTTP = true
    static let summary =
        "The answer says Connection: keep-alive, and the connection is closed right behind it."
    static let note: FaultNote = {
        var note = FaultNote(.reuse, .accept, .high, aliases: ["lying-keepalive"])
        note.needs = [.reuse]
        note.sources = ["RFC 9112 §9.3"]
        return note
    }()
    static let example = ""
    static let attributes: [Attribute] = []
    static let explains = Explanation.ending

    init(_ values: AttributeValues) {}

    var values: [(name: String, value: Quantity)] { [] }
    var words: String { "says keep-alive, FIN behind it" }

    func stage(seed: UInt64, credit: () -> BandwidthCredit) -> (any Stage)? {
        LyingKeepAliveStage()
    }
}

/// The head on its way, then the end behind the body.
struct LyingKeepAliveStage: Stage {
    typealias Entry = LyingKeepAlive
    private var head = ConnectionField("keep-alive")
    var heldBytes: Int { head.heldBytes }

    mutating func receive(_ flow: Flow, at now: Instant, into actions: inout Actions) {
        head.receive(flow, into: &actions)
        if case .boundary = flow { actions.forward(.cut(.fin)) }
    }

    mutating func release(at now: Instant, into actions: inout Actions) {
        head.release(into: &actions)
    }

    mutating func update(
        _ entry: LyingKeepAlive, _ effect: Effect, at now: Instant, into actions: inout Actions
    ) {}
}
