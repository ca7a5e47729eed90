/// `keepalive-race`: the connection is kept alive, and ended the moment the next request arrives.
///
/// What every server does whose idle time is over just then.
public struct KeepaliveRace: CatalogueEntry {
    public init() {}

    static let name = "keepalive-race"
    static let place = FaultPlace.connection
    static let stream = ToxicStream.upstream
    static let hasStage = true
    static let needsHTTP = true
    static let summary =
        "The first answer keeps the connection alive; the next request on it finds it closed (FIN)."
    static let note: FaultNote = {
        var note = FaultNote(
            .reuse, .accept, .critical,
            links: [
                "aio-libs/aiohttp#7297", "aio-libs/aiohttp#9138", "aio-libs/aiohttp#13283",
                "envoyproxy/envoy#2715", "gatling/gatling#3609",
            ], aliases: ["keep-alive-race"])
        note.needs = [.reuse]
        return note
    }()
    static let example = ""
    static let attributes: [Attribute] = []
    static let explains = Explanation.ending

    init(_ values: AttributeValues) {}

    var values: [(name: String, value: Quantity)] { [] }
    var words: String { "FIN in place of a second answer" }

    /// - Parameter seed: the number of the request on its connection.
    func stage(seed: UInt64, credit: () -> BandwidthCredit) -> (any Stage)? {
        KeepaliveRaceStage(request: seed)
    }
}

/// The wait for a request that is not the first one.
struct KeepaliveRaceStage: Stage {
    typealias Entry = KeepaliveRace
    private let isFirst: Bool
    private var isOver = false

    init(request number: UInt64) {
        isFirst = number <= 1
    }

    mutating func receive(_ flow: Flow, at now: Instant, into actions: inout Actions) {
        guard !isFirst else { return actions.forward(flow) }
        guard !isOver else { return }
        isOver = true
        actions.forward(.cut(.fin))
    }

    mutating func update(
        _ entry: KeepaliveRace, _ effect: Effect, at now: Instant, into actions: inout Actions
    ) {}
}
