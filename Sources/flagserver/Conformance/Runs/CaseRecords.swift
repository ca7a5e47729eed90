import Faults
import Records

/// What our record says of the requests of one case.
struct CaseRecords {
    private struct Request: Hashable {
        let proxy: String
        let method: String
        let target: String
    }

    /// Different requests that are told apart; of more than these, none is made twice.
    private static let maximumRequests = 1000

    private var counts: [Request: Int] = [:]
    /// All of them.
    private(set) var count = 0
    /// Names of the toxics that they met.
    private(set) var met: Set<String> = []
    private(set) var methods: Set<String> = []
    /// Of those with one, how many came on each connection.
    private var connections: [UInt32: Int] = [:]
    private(set) var hasIPv6 = false
    /// By target, of the last answer.
    private var statuses: [String: Int] = [:]

    mutating func note(_ record: ExchangeRecord) {
        count += 1
        guard counts.count < Self.maximumRequests else { return }
        for fault in record.faults { met.insert(fault.toxic.name) }
        if record.client?.host.contains(":") == true { hasIPv6 = true }
        if let status = record.status { statuses[record.target] = Int(status.code) }
        guard !record.isMalformed, !record.isConnection, !record.method.isEmpty else { return }
        methods.insert(record.method)
        connections[record.connection, default: 0] += 1
        let request = Request(
            proxy: record.proxy, method: record.method, target: record.target)
        counts[request, default: 0] += 1
    }

    /// The most for one and the same thing.
    var attempts: Int { counts.values.max() ?? 0 }

    /// Of the last answer to those who asked for it.
    func lastStatus(of target: String) -> Int? { statuses[target] }

    /// Whether a connection was used for more than one.
    var hasReuse: Bool { connections.values.contains { $0 > 1 } }

    /// Whether something was asked for that ends so.
    func hasTarget(_ isMeant: (String) -> Bool) -> Bool {
        counts.keys.contains { isMeant($0.target) }
    }
}
