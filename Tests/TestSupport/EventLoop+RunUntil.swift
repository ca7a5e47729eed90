public import EventLoop

extension EventLoop {
    /// Runs until something is so, which is asked again and again; gives up after ten seconds.
    ///
    /// - Returns: whether it is so; not if the loop fails.
    public func run(until isDone: @escaping () -> Bool) -> Bool {
        let end = now + 10_000_000_000
        var timer: Timer?
        timer = Timer(on: self) { [unowned self] in
            if isDone() || now > end { return stop() }
            timer?.schedule(after: 200_000)
        }
        timer?.schedule(after: 0)
        let hasRun: Void? = try? run()
        timer?.cancel()
        timer = nil
        return hasRun != nil && isDone()
    }
}
