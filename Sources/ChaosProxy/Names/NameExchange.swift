import Faults
import Names
import Records

/// A question under way, with what is to be answered. Loop thread only.
final class NameExchange {
    var facts: ExchangeFacts
    var reply: NameReply
    private let start: Instant
    /// When it may be answered.
    private(set) var due: Instant
    /// When it was held back no more.
    private var released: Instant?
    /// From one of its bytes to the next, in nanoseconds; nil: they go all at once.
    private(set) var pause: Nanoseconds?
    /// Whether it counts as under way, until it is over.
    let isCounted: Bool
    var isOver = false
    /// How many bytes there are up to the one that has its code.
    private let codeEnd: Int

    init(
        _ facts: ExchangeFacts, _ reply: NameReply, over way: NameWay, at now: Instant,
        isCounted: Bool = true
    ) {
        (self.facts, self.reply, start, due) = (facts, reply, now, now)
        self.isCounted = isCounted
        // RFC 1035 §4.1.1, and behind the length in a stream (§4.2.2).
        codeEnd = way == .stream ? 6 : 4
        self.facts.tellFaults { faults in
            for index in faults.indices {
                guard let fault = faults[index].toxic.fault.nameFault else { continue }
                if self.reply.strike(fault) { faults[index].hasActed = true }
            }
        }
        due = start + delay { _ in true }
        if case .slowly(let pause) = self.reply.delivery { self.pause = pause }
    }

    /// The sum of the delays of some toxics, in nanoseconds.
    private func delay(of isMeant: (Toxic) -> Bool) -> Nanoseconds {
        facts.faults.reduce(0) { sum, fault in
            guard case .latency(let delay) = fault.effect, isMeant(fault.toxic) else { return sum }
            return sum &+ delay
        }
    }

    /// Waits for toxics no more that are gone.
    func keep(only names: Set<String>) {
        due = start + delay { $0.remains(among: names) }
        guard pause != nil else { return }
        pause = nil
        for fault in facts.faults where fault.toxic.remains(among: names) {
            guard case .slowStream(let pause)? = fault.toxic.fault.nameFault else { continue }
            self.pause = pause
            return
        }
    }

    /// Nothing holds it back any more.
    func release(at now: Instant) { released = released ?? now }

    /// How long it was held back, in nanoseconds.
    func held(until now: Instant) -> Nanoseconds {
        let end = released ?? now
        return due > start ? end - min(start, end) : 0
    }

    /// Notes what has left, a part or all of it.
    ///
    /// - Parameter count: in bytes.
    func left(_ count: Int) {
        noteDelays()
        guard count > 0 else { return }
        facts.answers(reply.status, within: codeEnd)
        facts.left(count)
    }

    func noteDelays() {
        facts.tellFaults { faults in
            for index in faults.indices {
                guard case .latency(let delay) = faults[index].effect, delay > 0 else { continue }
                faults[index].hasActed = true
            }
        }
    }
}
