/// `limit_data`: exactly so many bytes get through, and the connection is closed behind the last
/// one. 0 closes it in place of the first byte.
public struct LimitData: Stage {
    private var limit: Int64
    private var count: Int64 = 0
    private var isOver = false

    /// - Parameter limit: in bytes, from 0.
    public init(_ limit: Int64) {
        self.limit = limit
    }

    public var deadline: Instant? { nil }
    public var heldBytes: Int { 0 }

    public mutating func receive(_ flow: Flow, at now: Instant, into actions: inout Actions) {
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

    public mutating func wake(at now: Instant, into actions: inout Actions) {}

    public mutating func release(at now: Instant, into actions: inout Actions) {}

    /// Another limit; what has passed counts.
    mutating func update(_ limit: Int64) {
        self.limit = limit
    }
}
