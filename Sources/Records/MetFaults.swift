import Faults

/// How many exchanges met faults, by what they are asked for: the names of toxics and their types.
struct MetFaults: Sendable {
    /// Names and types that are told apart; of further names nothing is known.
    static let maximumWords = 4096

    /// Those that met any.
    private(set) var any: UInt64 = 0
    private var counts: [String: UInt64] = [:]
    private var isComplete = true

    /// - Parameter faults: all that one exchange met.
    mutating func add(_ faults: [FaultPlan.DrawnFault]) {
        any += 1
        for (index, fault) in faults.enumerated() {
            let (name, type) = (fault.toxic.name, fault.toxic.fault.type.rawValue)
            let earlier = faults[..<index]
            if !earlier.contains(where: { Self.isCalled(name, $0) }) { add(1, to: name) }
            if name != type, !earlier.contains(where: { Self.isCalled(type, $0) }) {
                add(1, to: type)
            }
        }
    }

    private static func isCalled(_ word: String, _ fault: FaultPlan.DrawnFault) -> Bool {
        RecordFilter.matches(word, [fault])
    }

    mutating func add(_ other: MetFaults) {
        any += other.any
        isComplete = isComplete && other.isComplete
        for (word, count) in other.counts { add(count, to: word) }
    }

    private mutating func add(_ count: UInt64, to word: String) {
        guard Self.isPlain(word) else { return }
        guard counts[word] != nil || counts.count < Self.maximumWords else {
            isComplete = false
            return
        }
        counts[word, default: 0] += count
    }

    /// Swift's own comparison takes some different spellings of others for one.
    private static func isPlain(_ word: String) -> Bool { word.utf8.allSatisfy { $0 < 0x80 } }

    /// - Parameter fault: a name or a type; `*` is any.
    /// - Returns: nil if that is not known.
    func count(of fault: String) -> UInt64? {
        if fault == "*" { return any }
        guard Self.isPlain(fault) else { return nil }
        return counts[fault] ?? (isComplete ? 0 : nil)
    }
}
