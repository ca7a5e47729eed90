// The schema: which attributes each fault has.

extension FaultType {
    /// In milliseconds, about 31 years: twice as many nanoseconds still fit into 63 bits.
    private static let longestTime: Int64 = 1_000_000_000_000
    /// The largest size that every reader of JSON keeps exact.
    private static let largestSize: Int64 = 1 << 53
    private static let largestWeight: Int64 = 1_000_000
    private static let mostRandomBytes: Int64 = 1 << 20

    /// The attributes in the order in which they are shown. `respond` has one for each status code
    /// from 200 to 599, for which `<status>` stands.
    public var attributes: [Attribute] {
        switch self {
        case .noop: []
        case .latency: Self.latencyAttributes
        case .bandwidth: Self.bandwidthAttributes
        case .slicer: Self.slicerAttributes
        case .limitData: Self.limitDataAttributes
        case .slowClose: Self.slowCloseAttributes
        case .timeout: Self.timeoutAttributes
        case .resetPeer: Self.resetPeerAttributes
        case .packetLoss: Self.packetLossAttributes
        case .corrupt: Self.corruptAttributes
        case .respond: [Self.weight("<status>"), Self.retryAfter]
        }
    }

    /// The attribute of that name, in whatever case; of `respond` also `418`, `503` and so on.
    public func attribute(named name: String) -> Attribute? {
        if self == .respond, let status = Self.status(name) { return Self.weight("\(status)") }
        let name = name.lowercased()
        return attributes.first { $0.name == name && $0.name != "<status>" }
    }

    /// `418`: three digits from 200 to 599.
    static func status(_ name: String) -> UInt16? {
        guard name.utf8.count == 3, name.utf8.allSatisfy({ $0 &- 0x30 <= 9 }),
            let code = UInt16(name), (200...599).contains(code)
        else { return nil }
        return code
    }

    private static let latencyAttributes = [
        Attribute("latency", .milliseconds, "how much later", 0...longestTime),
        Attribute("jitter", .milliseconds, "evenly that much more or less", 0...longestTime),
    ]
    private static let bandwidthAttributes = [
        Attribute("rate", .kilobytesPerSecond, "how fast; 0 stalls", 0...longestTime)
    ]
    private static let slicerAttributes = [
        Attribute("average_size", .bytes, "size of a piece; 0 does not slice", 0...largestSize),
        Attribute("size_variation", .bytes, "evenly that much more or less", 0...largestSize),
        Attribute("delay", .microseconds, "pause after each piece", 0...longestTime * 1000),
    ]
    private static let limitDataAttributes = [
        Attribute("bytes", .bytes, "how many get through", 0...largestSize)
    ]
    private static let slowCloseAttributes = [
        Attribute("delay", .milliseconds, "how much later", 0...longestTime)
    ]
    private static let timeoutAttributes = [
        Attribute("timeout", .milliseconds, "until it is closed; 0 is never", 0...longestTime)
    ]
    private static let resetPeerAttributes = [
        Attribute("timeout", .milliseconds, "from the first bytes to the reset", 0...longestTime)
    ]
    private static let packetLossAttributes = [
        Attribute("loss_rate", .fraction, "share of the pieces that are lost", 0...1),
        Attribute("correlation", .fraction, "so much more after a lost one", 0...1),
    ]
    private static let corruptAttributes = [
        Attribute("bytes", .bytes, "how many random ones", 0...mostRandomBytes, default: 1000),
        Attribute("inject", .flag, "1 puts them between the others, 0 in their place", 0...1),
    ]
    private static let retryAfter = Attribute(
        "retry_after", .milliseconds, "Retry-After of 503 and 429; 0 has no such field",
        0...longestTime, default: 1000)

    private static func weight(_ name: String) -> Attribute {
        Attribute(name, .weight, "how often this one, against the others", 0...largestWeight)
    }
}
