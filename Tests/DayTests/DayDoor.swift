import ChaosProxy
import Faults
import Records

/// One server of the town, over all of the day: what was asked of it, and what was changed when.
/// Kept by the town alone.
final class DayDoor {
    enum Kind { case site, http, tcp }

    /// nil: none.
    let world: String?
    let name: String
    let kind: Kind
    let seed: UInt64
    let number: Int
    let registry: ProxyRegistry

    /// Since when which toxics were in force, and which limits.
    private(set) var plans: [(since: UInt64, plan: FaultPlan)] = []
    private(set) var limits: [(since: UInt64, limits: RequestLimits)] = []
    /// When attempts began to count again.
    private(set) var resets: [UInt64] = []

    // MARK: What moved

    var received: UInt64 = 0
    var sent: UInt64 = 0
    var receivedFromBackends: UInt64 = 0
    var sentToBackends: UInt64 = 0
    /// Connections of clients, but those that were one too many.
    var connections = 0
    var peakConnections = 0
    /// All that came, also those that were not let in.
    var visits: [DayVisit] = []
    /// What the product has counted, at the end of the day.
    var totals: ProxyCounters?
    /// In the order of their ends.
    var records: [ExchangeRecord] = []

    init(
        _ number: Int, _ name: String, _ kind: Kind, of world: String?, seed: UInt64,
        _ registry: ProxyRegistry
    ) {
        (self.number, self.name, self.kind) = (number, name, kind)
        (self.world, self.seed, self.registry) = (world, seed, registry)
    }

    /// As it is now; nil while it is deleted.
    var proxy: Proxy? { registry[name]?.proxy }

    var words: String { (world.map { "\($0)/" } ?? "") + name }

    func has(_ toxics: [Toxic], since: UInt64) {
        plans.append((since, FaultPlan(toxics, proxy: name, seed: seed)))
    }

    func has(_ limits: RequestLimits, since: UInt64) {
        self.limits.append((since, limits))
    }

    func restarts(at now: UInt64) { resets.append(now) }

    func plan(at time: UInt64) -> FaultPlan? { plans.last { $0.since <= time }?.plan }

    func limits(at time: UInt64) -> RequestLimits {
        limits.last { $0.since <= time }?.limits ?? RequestLimits()
    }

    /// Whether other toxics came into force in between.
    func changed(from start: UInt64, to end: UInt64) -> Bool {
        plans.contains { $0.since > start && $0.since <= end }
    }

    /// How often attempts had begun to count again.
    func epoch(at time: UInt64) -> Int { resets.count { $0 <= time } }
}
