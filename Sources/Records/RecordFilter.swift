import EventLoop
public import Faults

/// Which records are asked for: all that is given must be so.
public struct RecordFilter {
    /// What can be asked about a record, as queries and bodies spell it.
    public enum Key: String, CaseIterable {
        case proxy, path, method, client, status, fault, acted, refused, attempt, end, label
        /// All of it in the words of a `RecordQuery`.
        case query = "q"
    }

    /// Longest pattern in bytes.
    public static let maximumPattern = 256
    /// Most statuses of which a record may have one.
    public static let maximumStatuses = 32
    /// What any look at a record costs.
    private static let fewSteps = 60
    /// What it costs to hold a client that was not the last one against a pattern.
    private static let clientSteps = 600

    public enum RefusedPattern: Equatable {
        case isRefused(Bool)
        case reason(ExchangeRecord.Refusal)
    }

    public var proxy: String?
    /// Of the target without its query, as sent.
    public var path: TextPattern?
    public var method: String?
    /// An address, or a network in CIDR notation.
    public var client: String?
    /// One of them.
    public var statuses: [StatusPattern]?
    /// The name or the type of a toxic, by whatever name there is for that; `*` is any.
    public var fault: String? {
        didSet { types = Set(fault.map(FaultType.all) ?? []) }
    }
    /// Those that are called so.
    private var types: Set<FaultType> = []
    /// Whether a fault that it met, or the one that is asked for, has acted.
    public var acted: Bool?
    public var refused: RefusedPattern?
    public var attempt: UInt32?
    public var ending: ExchangeRecord.Ending?
    /// The whole label.
    public var label: String?
    public var query: RecordQuery?
    /// Over later than this, in nanoseconds since 1970.
    public var laterThan: Int64?
    /// The last client that was looked at: most records have the same few.
    private var known: (address: SocketAddress, matches: Bool)?

    public init() {}

    public mutating func matches(_ record: ExchangeRecord) -> Bool {
        if let laterThan, record.time <= laterThan { return false }
        if let proxy, !Self.isSame(proxy, record.proxy) { return false }
        if let statuses, !statuses.contains(where: { $0.matches(record.status) }) { return false }
        if let attempt, attempt != record.attempt { return false }
        if let ending, ending != record.ending { return false }
        if let label, !Self.isSame(label, record.origin?.label ?? "") { return false }
        if let method, !Self.isSame(method, record.method) { return false }
        if let refused, !Self.matches(refused, record.refusal) { return false }
        if fault != nil || acted != nil, !matches(record.faults) { return false }
        if let path, !path.matches(pathOf: record.target) { return false }
        if let query, !query.matches(record) { return false }
        return client.map { matches($0, record.client) } ?? true
    }

    /// What `matches` costs at most, in steps of about a nanosecond: they grow with the bytes of
    /// the record and with the patterns.
    public func steps(for record: ExchangeRecord) -> Int {
        let path = path.map { $0.words * record.target.utf8.count } ?? 0
        let statuses = 4 * (statuses?.count ?? 0)
        let isKnown =
            client == nil || known.map { $0.address == record.client?.with(port: 0) } == true
        return Self.fewSteps + 20 * record.faults.count + path + statuses
            + (isKnown ? 0 : Self.clientSteps) + (query?.steps(for: record) ?? 0)
    }

    /// The proxy that all that is asked for is of; nil if there may be several.
    public var meantProxy: String? { proxy ?? query?.onlyProxy }

    /// Whether every record matches, so that none has to be looked at.
    public var isOpen: Bool {
        proxy == nil && statuses == nil && fault == nil && isKnownToTotals
    }

    /// Whether nothing is asked for that only the records themselves tell.
    private var isKnownToTotals: Bool {
        path == nil && method == nil && client == nil && acted == nil && refused == nil
            && attempt == nil && ending == nil && label == nil && query == nil
            && laterThan == nil
    }

    /// How many match, by the totals of the proxies that are meant; nil if these do not know: they
    /// do of all, of statuses alone and of a fault alone.
    public func count(in totals: RecordTotals) -> UInt64? {
        guard isKnownToTotals else { return nil }
        switch (statuses, fault) {
        case (nil, nil): return totals.count
        case (nil, let fault?): return count(of: fault, in: totals)
        case (let patterns?, nil):
            return totals.statuses.reduce(0) { sum, total in
                patterns.contains { $0.matches(total.status) } ? sum + total.count : sum
            }
        case (_?, _?): return nil
        }
    }

    /// - Returns: nil if the totals know it by several names, of which one exchange may have met
    ///   two.
    private func count(of fault: String, in totals: RecordTotals) -> UInt64? {
        let words = Set([fault] + types.map(\.rawValue))
        let counts = words.map { totals.count(ofFault: $0) }
        if counts.contains(nil) { return nil }
        let found = counts.compactMap(\.self).filter { $0 > 0 }
        return found.count < 2 ? found.first ?? 0 : nil
    }

    /// Byte by byte: Swift's own comparison takes some different spellings for one.
    public static func isSame(_ left: String, _ right: String) -> Bool {
        left.utf8.elementsEqual(right.utf8)
    }

    private static func matches(
        _ pattern: RefusedPattern, _ refusal: ExchangeRecord.Refusal?
    ) -> Bool {
        switch pattern {
        case .isRefused(let isRefused): (refusal != nil) == isRefused
        case .reason(let reason): refusal == reason
        }
    }

    private func matches(_ faults: [FaultPlan.DrawnFault]) -> Bool {
        if fault != nil, !faults.contains(where: isAsked) { return false }
        guard let acted else { return true }
        return faults.contains { $0.hasActed && isAsked($0) } == acted
    }

    private func isAsked(_ met: FaultPlan.DrawnFault) -> Bool {
        Self.matches(fault ?? "*", [met]) || types.contains(met.toxic.fault.type)
    }

    public static func matches(_ fault: String, _ faults: [FaultPlan.DrawnFault]) -> Bool {
        if fault == "*" { return !faults.isEmpty }
        return faults.contains {
            isSame($0.toxic.name, fault) || isSame($0.toxic.fault.type.rawValue, fault)
        }
    }

    private mutating func matches(_ pattern: String, _ client: SocketAddress?) -> Bool {
        guard let address = client?.with(port: 0) else { return false }
        if let known, known.address == address { return known.matches }
        let matches = Match.client(pattern, matches: address.host)
        known = (address, matches)
        return matches
    }
}
