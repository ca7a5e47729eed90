import ChaosProxy
import Faults
import HTTPWire
import Records

/// `POST /verify`: holds what happened against what a test expected.
struct VerifyRoute {
    /// Of those that match, how many are shown if the verdict is no.
    private static let maximumShown = 5

    private let registry: ProxyRegistry
    private let journal: Journal
    private let seed: UInt64

    /// - Throws: `APIError` if no journal is kept.
    init(_ api: ControlAPI) throws(APIError) {
        journal = try api.openJournal()
        (registry, seed) = (api.registry, api.options.seed)
    }

    /// - Throws: `APIError` or `JSONError`.
    func search(_ request: HTTPRequest) throws -> any JournalSearch {
        let verification = try Verification(request)
        return verification.filter.checked(registry, journal, Search(verification, self))
    }

    // MARK: Finding

    /// What was found.
    private struct Findings {
        var count: UInt64 = 0
        /// Records that are no more, and may have matched.
        var forgotten: UInt64 = 0
        /// Records that match and are counted at the proxy of ours through which they came.
        var via: UInt64 = 0
        /// The newest of those that match, the oldest of them first.
        var last: [ExchangeRecord] = []
        var peakConcurrency: Int?
        var peakConnections: Int?

        mutating func add(_ record: ExchangeRecord) {
            guard !record.isCountedElsewhere else { return via += 1 }
            count += 1
            if last.count < maximumShown { last.insert(record, at: 0) }
        }
    }

    /// All but the records is as it was when it was asked.
    private struct Search: JournalSearch {
        private let verification: Verification
        private let route: VerifyRoute
        private var filter: RecordFilter
        private var descent: JournalDescent
        private var findings = Findings()
        /// By the counters of the proxies; nil if these do not know.
        private let counted: UInt64?

        init(_ verification: Verification, _ route: VerifyRoute) {
            (self.verification, self.route, filter) = (verification, route, verification.filter)
            let journal = route.journal
            var start: UInt64 = 0
            switch verification.since {
            case nil:
                start = journal.resetSequence
                findings.forgotten = journal.forgotten(after: start)
            case .sequence(let sequence):
                start = sequence
                findings.forgotten = journal.forgotten(after: start)
            case .time(let time): findings.forgotten = journal.forgotten(since: time)
            }
            descent = JournalDescent(journal, after: start)
            let counters = route.registry.recent(of: filter.meantProxy)
            findings.peakConcurrency = counters?.peak
            findings.peakConnections = counters?.peakConnections
            // The counters began with the last reset, too, and forget nothing.
            let isOfAll = verification.since == nil
            counted = counters.flatMap {
                isOfAll ? verification.filter.count(in: $0.recorded) : nil
            }
        }

        mutating func next(_ turns: ScanTurns) -> SiteAnswer? {
            var findings = findings
            let isOver = descent.go(route.journal, &filter, turns) { record in
                findings.add(record)
                return true
            }
            self.findings = findings
            guard isOver else { return nil }
            findings.forgotten = forgotten(findings.forgotten)
            if findings.forgotten > 0, let counted {
                (findings.count, findings.forgotten) = (counted, 0)
            }
            return .made(route.response(findings, verification))
        }

        /// With those that were lost on the way, of which some may have been over too early.
        ///
        /// - Parameter before: when it was asked.
        private func forgotten(_ before: UInt64) -> UInt64 {
            let all = before + descent.lost(of: route.journal)
            guard case .time(let time)? = verification.since else { return all }
            return min(all, route.journal.forgotten(since: time))
        }
    }

    private func response(_ findings: Findings, _ verification: Verification) -> HTTPResponse {
        let problems = problems(findings, verification)
        return HTTPResponse(
            problems.isEmpty ? 200 : 409,
            fields: [HTTPField("Content-Type", "application/json")],
            body: [Bytes(body(findings, problems))])
    }

    // MARK: Judging

    private func problems(_ findings: Findings, _ verification: Verification) -> [String] {
        var problems = [
            verification.count?.problem(of: "count", findings.count),
            verification.peakConcurrency?.problem(
                of: "peak_concurrency", UInt64(findings.peakConcurrency ?? 0)),
            verification.peakConnections?.problem(
                of: "peak_connections", UInt64(findings.peakConnections ?? 0)),
        ].compactMap(\.self)
        if let count = verification.count, isUncertain(findings, count) {
            problems.append(
                "the journal holds the last \(journal.capacity) records: \(findings.forgotten) "
                    + "that may belong to the count are no more, so verify sooner, or POST /reset "
                    + "before the test")
        }
        return problems
    }

    /// Whether those that were forgotten could change the verdict on the count.
    private func isUncertain(_ findings: Findings, _ count: Verification.Bounds) -> Bool {
        guard findings.forgotten > 0 else { return false }
        let most = findings.count + findings.forgotten
        if let maximum = count.maximum, findings.count <= maximum, most > maximum { return true }
        return findings.count < count.minimum ?? 0
    }

    // MARK: Telling

    private func body(_ findings: Findings, _ problems: [String]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append("{\"verified\":")
        if problems.isEmpty {
            bytes.append("true")
        } else {
            bytes.append("false,\"problems\":")
            bytes += JSONWriter.bytes(.array(problems.map(JSONValue.string)))
        }
        bytes.append(",\"count\":")
        bytes.append(decimal: findings.count)
        bytes.append(",\"via\":")
        bytes.append(decimal: findings.via)
        bytes.append(",\"forgotten\":")
        bytes.append(decimal: findings.forgotten)
        append("peak_concurrency", findings.peakConcurrency, to: &bytes)
        append("peak_connections", findings.peakConnections, to: &bytes)
        if !problems.isEmpty { append(findings.last, to: &bytes) }
        bytes.append("}\n")
        return bytes
    }

    private func append(_ name: String, _ value: Int?, to bytes: inout [UInt8]) {
        guard let value else { return }
        bytes.append(UInt8(ascii: ","))
        bytes.append(json: name)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(decimal: value)
    }

    private func append(_ records: [ExchangeRecord], to bytes: inout [UInt8]) {
        var writer = JournalLine(seed: seed)
        bytes.append(",\"records\":[")
        for (index, record) in records.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            writer.append(object: record, to: &bytes)
        }
        bytes.append("]")
    }
}
