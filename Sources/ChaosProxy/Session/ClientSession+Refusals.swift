import EventLoop
import Faults
import HTTPWire
import Records

// What a session does not serve, and what it answers itself: refusals, and faults' answers.
extension ClientSession {
    /// What a fault answers instead of the site or the backend.
    func respond(_ faults: [FaultPlan.DrawnFault]) -> Injection? {
        for fault in faults {
            switch fault.effect {
            case .respond(let status, _):
                guard case .respond(let respond) = fault.toxic.fault else { break }
                return (status, respond)
            case .script: return nil  // it answers
            case .latency, .answer, .stage: break
            }
        }
        return nil
    }

    /// One of the statuses of a fault, with all else that it answers.
    typealias Injection = (status: HTTPStatus, respond: Respond)

    /// A fault's answer to a request of HTTP.
    func flows(
        _ injection: Injection, to request: HTTPRequest, of exchange: Exchange
    ) -> [Flow] {
        let answer = proxy.faultAnswers.answer(injection.status, of: injection.respond)
        exchange.facts.traits.insert(.injected)
        return flows(answer, to: request, of: exchange)
    }

    /// An answer to a request of HTTP.
    func flows(_ answer: SiteAnswer, to request: HTTPRequest, of exchange: Exchange) -> [Flow] {
        exchange.facts.answers(answer, toHead: request.method == .head)
        return ResponseFlows(
            request, keeps: !exchange.closes, mayBeWhole: !exchange.down.needsBytes,
            date: proxy.environment.date, timing: timing(exchange)
        ).flows(answer)
    }

    /// A refusal of a request of HTTP, with the end of the connection alone if it is one of those.
    func flows(_ refused: Proxy.Refused, to request: HTTPRequest, of exchange: Exchange) -> [Flow] {
        guard let status = proxy.status(of: refused.reason) else {
            return refuseByEnd(exchange)
        }
        let answer = RefusalAnswers.answer(
            refused, status, extraFields: proxy.faultAnswers.extraFields)
        return flows(.made(answer), to: request, of: exchange)
    }

    /// The connection ends without a byte, behind the answers that are owed.
    func refuseByEnd(_ exchange: Exchange) -> [Flow] {
        exchange.facts.traits.insert(.refusedByEnd)
        exchange.progress.insert(.closes)
        return [.boundary]
    }

    // MARK: What waits for its place

    /// No request of it waits any more: its connection is ending.
    func stopWaiting() {
        guard standing.contains(.queued) else { return }
        let since = proxy.queue.since(self)
        if var facts = queuedFacts(since: since) {
            let ending = ending(of: nil)
            if Self.isClients(ending) { facts.traits.insert(.givenUp) }
            proxy.counters.requests += 1
            record(&facts, ending, at: now)
        }
        forgetQueued()
        proxy.leaveQueue(self)
    }
}
