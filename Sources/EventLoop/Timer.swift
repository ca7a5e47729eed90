/// Something to be done later. Loop thread only; cancels itself when freed.
public final class Timer: Wakeable {
    private let loop: EventLoop
    private let action: () -> Void

    /// - Parameter action: called on the loop's thread each time the timer is due.
    public init(on loop: EventLoop, action: @escaping () -> Void) {
        self.loop = loop
        self.action = action
    }

    deinit {
        loop.cancel(self)
    }

    /// Arms the timer for `nanoseconds` from now; one that was armed is moved.
    public func schedule(after nanoseconds: UInt64) {
        loop.schedule(self, at: loop.now &+ nanoseconds)
    }

    public func cancel() {
        loop.cancel(self)
    }

    override func due(at now: UInt64) {
        action()
    }
}
