/// How much is written for all clients together in one turn of the loop: a hundred who take much
/// must not hold up others. Who is refused has its turn later, in the order of asking. Loop thread
/// only.
public final class RowTurns {
    /// Pieces of a turn, of 4 KiB each: about a millisecond.
    public static let pieces = 16

    private let turns: CharacterIndex.Turns
    /// Pieces that may still be made in this turn.
    private var left = pieces
    private var waiting: [RowShare] = []
    private var isTurning = false

    public init(turns: @escaping CharacterIndex.Turns) { self.turns = turns }

    fileprivate func take(_ share: RowShare) -> Bool {
        if !isTurning {
            isTurning = true
            turns { [weak self] in self?.turn() ?? false }
        }
        guard left > 0, waiting.isEmpty else {
            waiting.append(share)
            return false
        }
        left -= 1
        return true
    }

    /// - Returns: whether anything has been made, or waits.
    private func turn() -> Bool {
        left = Self.pieces
        // Who comes back in the meantime waits behind the others.
        while left > 0, !waiting.isEmpty {
            left -= 1
            waiting.removeFirst().grant()
        }
        isTurning = left < Self.pieces
        return isTurning
    }
}

/// A client's place among them. Loop thread only.
public final class RowShare {
    private let turns: RowTurns
    private let whenGranted: () -> Void
    private var isWaiting = false
    private var isGranted = false

    /// - Parameter whenGranted: called after `take` has refused, when it will not.
    public init(_ turns: RowTurns, whenGranted: @escaping () -> Void) {
        (self.turns, self.whenGranted) = (turns, whenGranted)
    }

    /// Whether one piece may be made now.
    public func take() -> Bool {
        if isGranted {
            isGranted = false
            return true
        }
        guard !isWaiting else { return false }
        isWaiting = !turns.take(self)
        return !isWaiting
    }

    fileprivate func grant() {
        (isWaiting, isGranted) = (false, true)
        whenGranted()
    }
}
