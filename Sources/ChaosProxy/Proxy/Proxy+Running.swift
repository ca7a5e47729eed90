// What is under way, one by one, for people who want to see it before it is over.
extension Proxy {
    /// Exchanges in flight, and requests that wait for their place.
    public var runningCount: Int { counters.inFlight + queue.count }

    /// What is under way, and behind it what waits for its place. Where nothing is, no session is
    /// looked at, and else as few as there need be.
    ///
    /// - Parameter maximum: further ones are left out.
    public func running(atMost maximum: Int) -> [RunningExchange] {
        var found: [RunningExchange] = []
        let wanted = min(counters.inFlight, maximum)
        for session in sessions {
            guard found.count < wanted else { break }
            session.forEachRunning { if found.count < wanted { found.append($0) } }
        }
        queue.forEach { session, since in
            guard found.count < maximum else { return false }
            if let waiting = session.waitingRequest(since: since) { found.append(waiting) }
            return true
        }
        return found
    }
}
