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

    /// What was found.
    private struct Findings {
        var count: UInt64 = 0
        /// Records that are no more, and may have matched.
        var forgotten: UInt64 = 0
        var last: [ExchangeRecord] = []
        var peakConcurrency: Int?
        var peakConnections: Int?
    }

    /// - Throws: `APIError` or `JSONError`.
    func response(_ request: HTTPRequest) throws -> HTTPResponse {
        let verification = try Verification(request)
        try verification.filter.checkNames(registry, journal)
        let findings = try find(verification)
        let problems = problems(findings, verification)
        return HTTPResponse(
            problems.isEmpty ? 200 : 409,
            fields: [HTTPField("Content-Type", "application/json")],
            body: [Bytes(body(findings, problems))])
    }

    // MARK: Finding

    private func find(_ verification: Verification) throws(APIError) -> Findings {
        var (findings, filter) = (Findings(), verification.filter)
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
        // From the newest on, so that the last ones are found first.
        for index in (journal.index(after: start)..<journal.count).reversed() {
            let record = journal[index]
            // What came through another proxy of ours is counted there.
            guard !record.isCountedElsewhere, filter.matches(record) else { continue }
            findings.count += 1
            if findings.last.count < Self.maximumShown { findings.last.append(record) }
        }
        findings.last.reverse()
        let counters = try proxies(verification).map(\.proxy.counters)
        findings.peakConcurrency = counters.map(\.peak).max()
        findings.peakConnections = counters.map(\.peakConnections).max()
        return findings
    }

    /// Those that the peaks are of.
    private func proxies(_ verification: Verification) throws(APIError) -> [RegisteredProxy] {
        guard let name = verification.filter.proxy else { return registry.proxies }
        if let found = registry[name] { return [found] }
        guard verification.peakConcurrency == nil, verification.peakConnections == nil else {
            throw APIError(400, "the proxy '\(name)' was deleted, and its peaks with it")
        }
        return []
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
