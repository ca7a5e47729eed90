import Faults
import HTTPWire
import Names
import Records

/// A question under way, with what is to be answered. Loop thread only.
final class NameExchange {
    var facts: ExchangeFacts
    var reply: NameReply
    private let start: Instant
    /// When it may be answered.
    private(set) var due: Instant
    /// Whether it counts as under way.
    var isInFlight = true

    init(_ facts: ExchangeFacts, _ reply: NameReply, at now: Instant) {
        (self.facts, self.reply, start, due) = (facts, reply, now, now)
        self.facts.tellFaults { faults in
            for index in faults.indices {
                guard let fault = faults[index].toxic.fault.nameFault else { continue }
                if self.reply.strike(fault) { faults[index].hasActed = true }
            }
        }
        due = start + delay { _ in true }
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
    }

    /// How long it was held back, in nanoseconds.
    func held(until now: Instant) -> Nanoseconds {
        due > start ? now - min(start, now) : 0
    }

    /// Notes what has left.
    ///
    /// - Parameter count: in bytes.
    func left(_ count: Int) {
        noteDelays()
        guard count > 0 else { return }
        facts.answers(reply.result.map { HTTPStatus(integerLiteral: $0.rawValue) }, within: 1)
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
