import EventLoop
import Faults
import Records

// What faults do to a connection as a whole: before anything of it is read, and between requests.
extension ClientSession {
    /// Draws for the connection that has come.
    ///
    /// - Returns: whether it gets in at once.
    func getsIn() -> Bool {
        guard !standing.contains(.surplus) else { return true }
        let drawn = proxy.drawArrival(
            ordinal: arrivalOrdinal(), from: stream.peer?.host, number: number)
        guard !drawn.isEmpty else { return true }
        let greeting = drawn.first { $0.toxic.fault.beginning == .accept }
        let others = drawn.filter { $0.toxic.fault.beginning != .accept }
        let lifetime = ConnectionLifetime(others, greeting: greeting, at: now)
        if !others.isEmpty { set(lifetime: lifetime) }
        guard lifetime.isKeptOut else {
            if let greeting { greet(greeting) }
            return true
        }
        stream.pauseReading()
        letIn()
        return false
    }

    /// Goes on, or ends, when its time has come.
    func letIn() {
        guard let lifetime, phase < .ended else { return }
        guard lifetime.getsIn(at: now) else { return schedule() }
        if let cut = lifetime.cut { return turnAway(cut) }
        finishArrival(.keep)
        stream.resumeReading()
        gotIn()
        if let greeting = lifetime.greeting { greet(greeting) }
    }

    private func turnAway(_ cut: Cut) {
        flags.formUnion(cut == .rst ? [.cut, .cutByReset] : .cut)
        end(isReset: cut == .rst) { cutNow(cut) }
    }

    /// What became of the connection as it came, where requests are the exchanges: else its own
    /// record says it.
    func finishArrival(_ ending: ExchangeRecord.Ending) {
        guard let lifetime, !lifetime.arrivals.isEmpty, !proxy.protocol.drawsPerConnection,
            flags.insert(.recorded).inserted
        else { return }
        record(
            lifetime.arrivals, ending, since: lifetime.arrived, held: lifetime.kept(until: now))
    }

    /// Tells what faults have done to a connection that is no exchange.
    private func record(
        _ faults: [FaultPlan.DrawnFault], _ ending: ExchangeRecord.Ending, since start: Instant,
        held: Nanoseconds
    ) {
        var facts = ExchangeFacts(
            faults: faults, start: start, origin: proxy.environment.origin,
            inFlight: proxy.counters.inFlight, number: 0, traits: .connection)
        if Self.isClients(ending) { facts.traits.insert(.givenUp) }
        record(&facts, ending, held: held, at: now)
    }

    /// What a request that begins meets beside what was drawn for it.
    func withLasting(_ drawn: [FaultPlan.DrawnFault]) -> [FaultPlan.DrawnFault] {
        guard let lifetime else { return drawn }
        return drawn + lifetime.faults(ofRequest: exchangeCount, in: proxy.plan)
    }

    /// Whether a connection that should end with an answer stays open.
    var staysOpen: Bool { lifetime?.staysOpen(in: proxy.plan) ?? false }

    /// Ends a connection that has waited for a request for as long as its faults allow.
    ///
    /// - Returns: whether it has ended.
    func hasIdledTooLong() -> Bool {
        guard let lifetime,
            let (faults, since) = lifetime.idles(
                behind: isIdle ? exchangeCount : nil, in: proxy.plan, at: now)
        else { return false }
        // One that stays open has done its work in the answer.
        var closing = faults.filter { $0.toxic.fault.idleLimit != nil }
        for index in closing.indices { closing[index].hasActed = true }
        if !closing.isEmpty { record(closing, .fin, since: since, held: 0) }
        endClient()
        return true
    }
}
