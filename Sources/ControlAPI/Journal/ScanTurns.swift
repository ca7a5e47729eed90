public import EventLoop

/// How much of the journals all who read them look at and write in one turn of the loop: together
/// no more than `steps`, so that all other clients are served in between. Who finds no room waits
/// for the next turn behind those that wait already. Loop thread only.
public final class ScanTurns {
    /// Of about a nanosecond each, so that a turn takes one to two milliseconds of them.
    public static let standardSteps = 1_200_000
    /// What a byte of JSON costs.
    private static let stepsOfByte = 4

    /// Who looks at records.
    protocol Reader: AnyObject {
        /// There is room again.
        func turnCame()
    }

    private struct Waiting {
        weak var reader: (any Reader)?
    }

    private let steps: Int
    private var left: Int
    private var waiting: [Waiting] = []
    private var timer: Timer?

    /// - Parameter steps: of one turn, at least 1.
    public init(steps: Int = standardSteps) {
        (self.steps, left) = (steps, steps)
    }

    /// Where turns come from.
    public func use(_ loop: EventLoop) {
        timer = Timer(on: loop) { [unowned self] in turn() }
    }

    /// Whether something may be looked at in this turn. What costs more than is left may be, too.
    var hasRoom: Bool { left > 0 }

    /// Something is looked at.
    func spend(_ count: Int) {
        if left == steps { timer?.schedule(after: 0) }
        left -= count
    }

    /// Something is written of what was looked at.
    func spend(bytes: Int) { spend(bytes * Self.stepsOfByte) }

    /// Has `reader` told when there is room again.
    func wait(for reader: any Reader) {
        guard !waiting.contains(where: { $0.reader === reader }) else { return }
        waiting.append(Waiting(reader: reader))
    }

    /// A new turn has begun.
    func turn() {
        left = steps
        // Who does not get ready waits behind all others again.
        var next = 0
        let before = waiting
        waiting = []
        while next < before.count, hasRoom {
            before[next].reader?.turnCame()
            next += 1
        }
        waiting = before[next...] + waiting
    }
}
