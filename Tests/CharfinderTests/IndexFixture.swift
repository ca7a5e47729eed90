@testable import Charfinder

/// What has to be done turn by turn, done when a test says so.
final class ManualTurns {
    private var steps: [() -> Bool] = []
    var isEmpty: Bool { steps.isEmpty }
    var count: Int { steps.count }

    func add(_ step: @escaping () -> Bool) { steps.append(step) }

    /// One turn: each once.
    func turn() {
        let now = steps
        steps = []
        steps = now.filter { $0() } + steps
    }

    func finish() {
        while !isEmpty { turn() }
    }
}

/// The whole index, made once for all tests; nothing changes it.
struct IndexFixture: @unchecked Sendable {
    let index: CharacterIndex
    let turns: Int

    static let whole = IndexFixture()

    /// Every name that there is, in the order of code points.
    static let names: [(UInt32, String)] = (UInt32(0)...0x10_ffff).compactMap { value in
        Unicode.Scalar(value)?.properties.name.map { (value, $0) }
    }

    private init() {
        let turns = ManualTurns()
        let index = CharacterIndex(turns: turns.add)
        var isComplete = false
        index.whenComplete { isComplete = true }
        var count = 0
        while !turns.isEmpty {
            turns.turn()
            count += 1
        }
        precondition(isComplete)
        (self.index, self.turns) = (index, count)
    }
}
