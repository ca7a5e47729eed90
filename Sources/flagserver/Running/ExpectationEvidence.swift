import Faults
import Records

/// The exchanges that break an expectation, the first ones of them. Loop thread only.
final class ExpectationEvidence {
    /// How many are kept.
    static let maximumCount = 20

    let expectation: Expectation
    /// How many it may be; nil if no exchange can break it.
    private let allowed: UInt64?
    /// Those that are measured.
    private var count: UInt64 = 0
    private var records: [ExchangeRecord] = []

    init(_ expectation: Expectation) {
        self.expectation = expectation
        allowed = expectation.allowed
    }

    /// Takes notice of an exchange. One that came through CHAOS is told there.
    func note(_ record: ExchangeRecord) {
        guard let allowed, !record.isCountedElsewhere,
            expectation.measure.counts(record, allowed: allowed), isMeant(record)
        else { return }
        count += 1
        let isInExcess = expectation.measure.isPeak || count > allowed
        if isInExcess, records.count < Self.maximumCount { records.append(record) }
    }

    private func isMeant(_ record: ExchangeRecord) -> Bool {
        let isCounted = FlagServer.counts(record.proxy)
        let world = record.origin?.world
        if let wanted = expectation.world { return wanted == world && isCounted }
        guard let proxy = expectation.proxy else { return isCounted }
        let path = world.map { "\($0)/\(record.proxy)" } ?? record.proxy
        return [record.proxy, path].contains { RecordFilter.isSame($0, proxy) }
    }

    /// Lines with their newlines; nothing if no exchange has broken it.
    ///
    /// - Parameter width: of the terminal, in columns; nil: any.
    func text(width: Int?) -> String {
        guard let allowed, !records.isEmpty else { return "" }
        let all = expectation.measure.isPeak ? count : count - allowed
        let which =
            all == 1
            ? "the exchange"
            : all > UInt64(records.count)
                ? "the first \(records.count) of the \(all) exchanges" : "the \(all) exchanges"
        let why =
            expectation.measure.isPeak
            ? "began while more than \(allowed) were in flight" : "broke it"
        var log = LogLine(.people(hasColor: false)) { width }
        var lines: [UInt8] = []
        for record in records { log.append(record, to: &lines) }
        return "\(which) that \(why):\n" + String(decoding: lines, as: UTF8.self)
    }
}

extension Expectation {
    /// How many it may be: each exchange on top of them breaks it. nil if none can do that.
    fileprivate var allowed: UInt64? {
        switch comparison {
        case .atMost, .equal, .same: bound
        case .less: bound > 0 ? bound - 1 : 0
        // As many as were forbidden: all of them.
        case .different: bound > 0 && !measure.isPeak ? 0 : nil
        case .atLeast, .more: nil
        }
    }
}

extension Expectation.Measure {
    /// Whether an exchange is one of those that are measured; for peaks, whether it began when
    /// more than `allowed` were under way.
    fileprivate func counts(_ record: ExchangeRecord, allowed: UInt64) -> Bool {
        switch self {
        case .requests: !record.isMalformed
        case .errors: record.isInjected
        case .refused: record.refusal != nil
        case .notFound: record.isNotFound
        case .unplannedErrors: record.isUnplanned
        case .gaveUp: record.hasGivenUp
        case .peakConcurrency: record.refusal == nil && record.inFlight > allowed
        // Which connections those were is not known.
        case .peakConnections: false
        }
    }
}
