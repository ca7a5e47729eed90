import Faults
import HTTPWire
import Records

// What `/metrics` and the meters tell alike.
extension RecordTotals {
    /// A label's value, and how many there were.
    typealias Sample = (value: String, count: UInt64)

    /// Exchanges that are over, by the status answered, in ascending order; `none`: nothing was.
    var statusSamples: [Sample] {
        statuses
            .map { (code: $0.status?.code ?? .max, $0.status, count: $0.count) }
            .sorted { $0.code < $1.code }
            .map { (value: $0.1.map { "\($0.code)" } ?? "none", count: $0.count) }
    }

    /// Faults that exchanges met, by their type, in the order of the types' names.
    var faultSamples: [Sample] {
        faults.map { (value: $0.key.rawValue, count: $0.value) }.sorted { $0.value < $1.value }
    }
}
