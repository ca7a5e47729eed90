public import Faults
public import HTTPWire

/// Totals made from the records of a proxy.
public struct RecordTotals: Sendable {
    /// Upper bounds of the histogram's buckets, in nanoseconds; the last one has no bound.
    public static let durationBounds: [Nanoseconds] = [
        1_000_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000, 100_000_000, 250_000_000,
        500_000_000, 1_000_000_000, 2_500_000_000, 5_000_000_000, 10_000_000_000,
    ]

    /// Few different ones, so that a list is the fastest.
    private var codes: [(code: UInt16, count: UInt64)] = []
    public var statuses: [(status: HTTPStatus?, count: UInt64)] {
        codes.map { (HTTPStatus(Int($0.code)), $0.count) }
    }
    public private(set) var faults: [FaultType: UInt64] = [:]
    public private(set) var refusals: [ExchangeRecord.Refusal: UInt64] = [:]
    private var met = MetFaults()
    public private(set) var unplanned: UInt64 = 0
    /// Clients that left while something was held back from them.
    public private(set) var gaveUp: UInt64 = 0
    /// How many took at most as long as each bound, and not as the one before it.
    public private(set) var durations = [UInt64](repeating: 0, count: durationBounds.count + 1)
    /// Of all durations, in nanoseconds.
    public private(set) var totalDuration: Nanoseconds = 0

    public init() {}

    /// How often a status was answered; nil: nothing was.
    public func count(of status: HTTPStatus?) -> UInt64 {
        statuses.first { $0.status == status }?.count ?? 0
    }

    /// Of all statuses and of none.
    public var count: UInt64 { codes.reduce(0) { $0 + $1.count } }

    /// How many exchanges met a fault of that name or type; nil if that is not known.
    public func count(ofFault fault: String) -> UInt64? { met.count(of: fault) }

    public mutating func add(_ record: ExchangeRecord) {
        let code = record.status?.code ?? 0
        var index = 0
        while index < codes.count, codes[index].code != code { index += 1 }
        if index == codes.count { codes.append((code, 0)) }
        codes[index].count += 1
        if !record.faults.isEmpty {
            for fault in record.faults { faults[fault.toxic.fault.type, default: 0] += 1 }
            met.add(record.faults)
        }
        if let refusal = record.refusal { refusals[refusal, default: 0] += 1 }
        if record.isUnplanned { unplanned += 1 }
        if record.hasGivenUp { gaveUp += 1 }
        // Most are the quickest.
        let isQuick = record.duration <= Self.shortest
        durations[isQuick ? 0 : Self.bucket(of: record.duration)] += 1
        totalDuration &+= record.duration
    }

    /// Takes in what was counted elsewhere, or before.
    public mutating func add(_ other: RecordTotals) {
        for (code, count) in other.codes {
            if let index = codes.firstIndex(where: { $0.code == code }) {
                codes[index].count += count
            } else {
                codes.append((code, count))
            }
        }
        faults.merge(other.faults, uniquingKeysWith: +)
        met.add(other.met)
        refusals.merge(other.refusals, uniquingKeysWith: +)
        (unplanned, gaveUp) = (unplanned + other.unplanned, gaveUp + other.gaveUp)
        for (index, count) in other.durations.enumerated() { durations[index] += count }
        totalDuration &+= other.totalDuration
    }

    private static let shortest: Nanoseconds = 1_000_000

    private static func bucket(of duration: Nanoseconds) -> Int {
        durationBounds.firstIndex { duration <= $0 } ?? durationBounds.count
    }
}
