import ChaosProxy
import Faults
import Records

extension RecordFilter {
    /// A name that nothing has would match nothing, and a test for that would pass.
    ///
    /// - Throws: `APIError` for a proxy or a fault that is not and was not.
    func checkNames(_ registry: ProxyRegistry, _ journal: Journal) throws(APIError) {
        let names = registry.proxies.flatMap { $0.proxy.plan.names }
        var gone = GoneNames(
            proxies: ((query?.proxies ?? []) + [proxy].compactMap(\.self)).filter {
                registry.recent(of: $0) == nil
            },
            faults: ((query?.toxics ?? []) + [fault].compactMap(\.self)).filter {
                !Self.isKnown(fault: $0, registry, names)
            })
        gone.look(in: journal)
        if let proxy = gone.proxies.first {
            let hint = Suggestion.hint(for: proxy, in: registry.proxies.map(\.name))
            throw APIError(400, "there is no proxy '\(proxy)'.\(hint)")
        }
        if let fault = gone.faults.first {
            let hint = Suggestion.hint(
                for: fault, in: FaultType.allCases.map(\.rawValue) + names.sorted())
            throw APIError(400, "fault: no toxic has the name or the type '\(fault)'.\(hint)")
        }
    }

    private static func isKnown(
        fault: String, _ registry: ProxyRegistry, _ names: [String]
    ) -> Bool {
        fault == "*" || FaultType(rawValue: fault) != nil
            || names.contains { isSame($0, fault) }
            || registry.recent(of: nil)?.recorded.count(ofFault: fault) ?? 0 > 0
    }
}

/// Names that nothing has now, of which the journal may still tell: all are looked for in one pass.
private struct GoneNames {
    private(set) var proxies: [String]
    private(set) var faults: [String]
    /// Most records have the same few.
    private var seenProxies: Set<[UInt8]> = []
    private var seenFaults: Set<[UInt8]> = []

    init(proxies: [String], faults: [String]) {
        (self.proxies, self.faults) = (proxies, faults)
    }

    /// Takes away those that it finds.
    mutating func look(in journal: Journal) {
        var index = 0
        while index < journal.count, !proxies.isEmpty || !faults.isEmpty {
            let record = journal[index]
            index += 1
            if !proxies.isEmpty { see(proxy: record.proxy) }
            guard !faults.isEmpty else { continue }
            for met in record.faults { see(met) }
        }
    }

    private mutating func see(proxy: String) {
        guard seenProxies.insert(Array(proxy.utf8)).inserted else { return }
        proxies.removeAll { RecordFilter.isSame($0, proxy) }
    }

    private mutating func see(_ met: FaultPlan.DrawnFault) {
        let names = [met.toxic.name, met.toxic.fault.type.rawValue]
        for name in names where seenFaults.insert(Array(name.utf8)).inserted {
            faults.removeAll { RecordFilter.isSame($0, name) }
        }
    }
}
