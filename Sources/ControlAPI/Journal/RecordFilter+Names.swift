import ChaosProxy
import Faults
import HTTPWire
import Records

extension RecordFilter {
    /// A name that nothing has would match nothing, and a test for that would pass: `search` begins
    /// when each proxy and each fault that is asked for is known, or the journal tells of it.
    func checked(
        _ registry: ProxyRegistry, _ journal: Journal, _ search: any JournalSearch
    ) -> any JournalSearch {
        let proxies = (query?.proxies ?? []) + [proxy].compactMap(\.self)
        var faults = (query?.toxics ?? []) + [fault].compactMap(\.self)
        guard !proxies.isEmpty || !faults.isEmpty else { return search }
        let known = KnownNames(registry)
        faults.removeAll(where: known.hasFault)
        if !faults.isEmpty, let recorded = registry.recent(of: nil)?.recorded {
            faults.removeAll { recorded.count(ofFault: $0) ?? 0 > 0 }
        }
        let unknown = UnknownNames(
            proxies: proxies.filter { registry.recent(of: $0) == nil }, faults: faults)
        guard !unknown.isEmpty else { return search }
        return CheckedSearch(
            unknown: unknown, known: known, journal: journal, search: search,
            cursor: journal.lastForgotten)
    }
}

/// The names that there are.
private struct KnownNames {
    let proxies: [String]
    let toxics: [String]

    init(_ registry: ProxyRegistry) {
        proxies = registry.proxies.map(\.name)
        toxics = Set(registry.proxies.flatMap { $0.proxy.plan.names }).sorted()
    }

    func hasFault(_ name: String) -> Bool {
        name == "*" || FaultType(rawValue: name) != nil
            || toxics.contains { RecordFilter.isSame($0, name) }
    }
}

/// Names that nothing has now, of which the journal may still tell.
private struct UnknownNames {
    private(set) var proxies: [String]
    private(set) var faults: [String]
    /// Most records have the same few.
    private var seen: Set<[UInt8]> = []

    init(proxies: [String], faults: [String]) {
        (self.proxies, self.faults) = (proxies, faults)
    }

    var isEmpty: Bool { proxies.isEmpty && faults.isEmpty }

    /// What it costs to look at a record, in steps of `ScanTurns`.
    static func steps(for record: ExchangeRecord) -> Int { 200 * (1 + 2 * record.faults.count) }

    /// Takes away those that a record tells of.
    mutating func see(_ record: ExchangeRecord) {
        if !proxies.isEmpty { Self.see(record.proxy, "proxy", &seen, &proxies) }
        guard !faults.isEmpty else { return }
        for met in record.faults {
            Self.see(met.toxic.name, "toxic", &seen, &faults)
            Self.see(met.toxic.fault.type.rawValue, "toxic", &seen, &faults)
        }
    }

    private static func see(
        _ name: String, _ kind: String, _ seen: inout Set<[UInt8]>, _ unknown: inout [String]
    ) {
        guard seen.insert(Array(kind.utf8) + Array(name.utf8)).inserted else { return }
        unknown.removeAll { RecordFilter.isSame($0, name) }
    }
}

/// Looks for unknown names in the journal, the oldest record first, before the search itself.
private struct CheckedSearch: JournalSearch {
    var unknown: UnknownNames
    let known: KnownNames
    let journal: Journal
    var search: any JournalSearch
    /// The sequence number of the record that was looked at last.
    var cursor: UInt64

    mutating func next(_ turns: ScanTurns) throws -> SiteAnswer? {
        var index = journal.index(after: cursor)
        while !unknown.isEmpty, index < journal.count {
            guard turns.hasRoom else { return nil }
            let record = journal[index]
            (cursor, index) = (record.sequence, index + 1)
            turns.spend(UnknownNames.steps(for: record))
            unknown.see(record)
        }
        try refuse()
        return try search.next(turns)
    }

    /// - Throws: `APIError` for a proxy or a fault that is not and was not.
    private func refuse() throws(APIError) {
        if let proxy = unknown.proxies.first {
            let hint = Suggestion.hint(for: proxy, in: known.proxies)
            throw APIError(400, "there is no proxy '\(proxy)'.\(hint)")
        }
        if let fault = unknown.faults.first {
            let hint = Suggestion.hint(
                for: fault, in: FaultType.allCases.map(\.rawValue) + known.toxics)
            throw APIError(400, "fault: no toxic has the name or the type '\(fault)'.\(hint)")
        }
    }
}
