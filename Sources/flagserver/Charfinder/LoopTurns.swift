import EventLoop

/// Long work in small steps: one of them in each turn of the loop, whosever it is, so that clients
/// are served in between. Loop thread only.
final class LoopTurns {
    private var steps: [() -> Bool] = []
    private var timer: Timer?

    init(on loop: EventLoop) {
        timer = Timer(on: loop) { [unowned self] in turn() }
    }

    /// Has `step` called until it answers false; never at once.
    func add(_ step: @escaping () -> Bool) {
        steps.append(step)
        if steps.count == 1 { timer?.schedule(after: 0) }
    }

    private func turn() {
        guard !steps.isEmpty else { return }
        let step = steps.removeFirst()
        if step() { steps.append(step) }
        if !steps.isEmpty { timer?.schedule(after: 0) }
    }
}
