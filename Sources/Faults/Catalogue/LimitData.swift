/// `limit_data`: exactly so many bytes get through, and the connection is closed behind the last
/// one. 0 closes it in place of the first byte.
public struct LimitData: CatalogueEntry {
    public let bytes: Int64

    public init(bytes: Int64) {
        self.bytes = bytes
    }

    static let name = "limit_data"
    static let summary = "The connection is closed after so many bytes."
    static let note = FaultNote(.body)
    static let example = " bytes=4096B toxicity=0.1"
    static let attributes = [Attribute.size("bytes", "how many get through")]
    static let explains = Explanation.ending

    init(_ values: AttributeValues) {
        self.init(bytes: values.number("bytes"))
    }

    var values: [(name: String, value: Quantity)] { [("bytes", .number(bytes))] }
    var words: String { "cut after \(bytes) B" }

    func stage(seed: UInt64, credit: () -> BandwidthCredit) -> (any Stage)? {
        LimitDataStage(bytes)
    }
}

/// What has got through.
struct LimitDataStage: Stage {
    private var limit: Int64
    private var count: Int64 = 0
    private var isOver = false

    /// - Parameter limit: in bytes, from 0.
    init(_ limit: Int64) {
        self.limit = limit
    }

    mutating func receive(_ flow: Flow, at now: Instant, into actions: inout Actions) {
        guard !isOver else { return }
        guard case .bytes(let bytes) = flow, bytes.count > 0 else { return actions.forward(flow) }
        let passing = Self.passing(bytes.count, after: count, limit: limit)
        count += Int64(passing)
        if passing == bytes.count {
            actions.forward(flow)
        } else if passing > 0 {
            actions.forward(.bytes(bytes[0..<passing]))
        }
        guard count >= limit else { return }
        isOver = true
        actions.forward(.cut(.fin))
    }

    /// How many of `bytes` bytes still get through.
    static func passing(_ bytes: Int, after count: Int64, limit: Int64) -> Int {
        Int(min(Int64(bytes), max(limit - count, 0)))
    }

    /// Another limit; what has passed counts.
    mutating func update(
        _ entry: LimitData, _ effect: Effect, at now: Instant, into actions: inout Actions
    ) {
        limit = entry.bytes
    }
}
