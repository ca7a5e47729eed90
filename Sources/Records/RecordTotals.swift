public import Faults

/// Totals made from the records of a proxy.
public struct RecordTotals: Sendable {
    /// Upper bounds of the histogram's buckets, in nanoseconds; the last one has no bound.
    public static let durationBounds: [Nanoseconds] = [
        1_000_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000, 100_000_000, 250_000_000,
        500_000_000, 1_000_000_000, 2_500_000_000, 5_000_000_000, 10_000_000_000,
    ]

    /// Few different ones, so that a list is the fastest.
    private var codes: [(code: UInt16, count: UInt64)] = []
    public var statuses: [(status: RecordStatus?, count: UInt64)] {
        codes.map { (Self.status($0.code), $0.count) }
    }
    public private(set) var faults: [FaultType: UInt64] = [:]
    public private(set) var refusals: [ExchangeRecord.Refusal: UInt64] = [:]
    private var met = MetFaults()
    public private(set) var unplanned: UInt64 = 0
    /// Clients that left while something was held back from them.
    public private(set) var gaveUp: UInt64 = 0
    /// Answered as they were meant to be, and taken in whole.
    public private(set) var ok: UInt64 = 0
    /// Few different ones here, too: what faults have answered.
    private var injectedCodes: [(code: UInt16, count: UInt64)] = []
    /// Answers that faults gave, by their statuses, in the order of these; nil: where the protocol
    /// has none.
    public var injected: [(status: RecordStatus?, count: UInt64)] {
        injectedCodes.sorted { $0.code &+ 1 < $1.code &+ 1 }.map {
            (Self.status($0.code), $0.count)
        }
    }
    /// Nothing was answered, or the protocol has no codes. (0 is one of a name server.)
    private static let noCode = UInt16.max

    private static func status(_ code: UInt16) -> RecordStatus? {
        code == noCode ? nil : RecordStatus(integerLiteral: code)
    }

    /// Of those that had to wait for their place the longest, in nanoseconds.
    public private(set) var longestQueued: Nanoseconds = 0
    /// Of all, finer than `durations`.
    public private(set) var latencies = DurationHistogram()
    /// How many took at most as long as each bound, and not as the one before it.
    public private(set) var durations = [UInt64](repeating: 0, count: durationBounds.count + 1)
    /// Of all durations, in nanoseconds.
    public private(set) var totalDuration: Nanoseconds = 0

    public init() {}

    /// How often a status was answered; nil: nothing was.
    public func count(of status: RecordStatus?) -> UInt64 {
        statuses.first { $0.status == status }?.count ?? 0
    }

    /// Of all statuses and of none.
    public var count: UInt64 { codes.reduce(0) { $0 + $1.count } }

    /// How many were answered that there is no such thing: 404, or NXDOMAIN.
    public var notFound: UInt64 {
        RecordStatus.notFound.reduce(0) { $0 + count(of: $1) }
    }

    /// How many exchanges met a fault of that name or type; nil if that is not known.
    public func count(ofFault fault: String) -> UInt64? { met.count(of: fault) }

    public mutating func add(_ record: ExchangeRecord) {
        let code = record.status?.code ?? Self.noCode
        Self.add(1, to: code, in: &codes)
        if record.hasFaults {
            for fault in record.faults { faults[fault.toxic.fault.type, default: 0] += 1 }
            met.add(record.faults)
            if record.isInjected { Self.add(1, to: code, in: &injectedCodes) }
        }
        if let refusal = record.refusal { refusals[refusal, default: 0] += 1 }
        if record.isOK { ok += 1 } else if record.isUnplanned { unplanned += 1 }
        if record.hasGivenUp { gaveUp += 1 }
        if record.queued > longestQueued { longestQueued = record.queued }
        latencies.add(record.duration)
        // Most are the quickest.
        let isQuick = record.duration <= Self.shortest
        durations[isQuick ? 0 : Self.bucket(of: record.duration)] += 1
        totalDuration &+= record.duration
    }

    /// Takes in what was counted elsewhere, or before.
    public mutating func add(_ other: RecordTotals) {
        for (code, count) in other.codes { Self.add(count, to: code, in: &codes) }
        for (code, count) in other.injectedCodes { Self.add(count, to: code, in: &injectedCodes) }
        faults.merge(other.faults, uniquingKeysWith: +)
        met.add(other.met)
        refusals.merge(other.refusals, uniquingKeysWith: +)
        (unplanned, gaveUp) = (unplanned + other.unplanned, gaveUp + other.gaveUp)
        ok += other.ok
        longestQueued = max(longestQueued, other.longestQueued)
        latencies.add(other.latencies)
        for (index, count) in other.durations.enumerated() { durations[index] += count }
        totalDuration &+= other.totalDuration
    }

    /// Others take in how long exchanges took, finely; here it is forgotten.
    public mutating func moveLatencies(to other: inout RecordTotals) {
        other.latencies.add(latencies)
        latencies = DurationHistogram()
    }

    @inline(__always)
    private static func add(
        _ more: UInt64, to code: UInt16, in counts: inout [(code: UInt16, count: UInt64)]
    ) {
        var index = 0
        while index < counts.count, counts[index].code != code { index += 1 }
        if index == counts.count { counts.append((code, 0)) }
        counts[index].count += more
    }

    private static let shortest: Nanoseconds = 1_000_000

    private static func bucket(of duration: Nanoseconds) -> Int {
        durationBounds.firstIndex { duration <= $0 } ?? durationBounds.count
    }
}
