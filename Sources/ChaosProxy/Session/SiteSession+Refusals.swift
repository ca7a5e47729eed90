import EventLoop
import Faults
import HTTPWire
import Records

// What a session before a site does not serve: nonsense, and what is over a limit.
extension SiteSession {
    /// Serves a complete request if it is let in.
    ///
    /// - Returns: false if it has to wait for its place and come again.
    func enterIfAdmitted(_ request: HTTPRequest) -> Bool {
        switch proxy.admission(of: self) {
        case .serve(let waitedSince): serve(request, waitedSince: waitedSince)
        case .refuse(let refused): refuse(request, refused)
        case .wait:
            flags.insert(.paused)
            stream.pauseReading()
            return false
        }
        return true
    }

    /// The request that waited for its place goes on.
    func goOnAfterWait() {
        guard phase == .open else { return stopWaiting() }
        guard let incoming, hasRoom, stream.isOpen else { return }
        if let body = incoming.body, body.isComplete {
            serve(after: body, incoming)
        } else {
            processKept(incoming)
        }
        readOn()
    }

    /// Puts an answer of our own behind those that are owed, and ends the connection with it.
    func append(malformed response: HTTPResponse, target: String) {
        proxy.malformed(self)
        let now = now
        let exchange = Exchange(
            ownFacts([.malformed, .hasContent], target: target, at: now), [.own, .closes])
        exchange.facts.answers(.made(response), toHead: false)
        append(exchange)
        let flows = ResponseFlows(closingAt: proxy.environment.date).flows(.made(response))
        send(flows, of: exchange, at: now)
        settleAnswers()
    }

    /// Answers a request that is over a limit; nothing is drawn for it.
    func refuse(_ request: HTTPRequest, _ refused: Proxy.Refused) {
        proxy.counters.requests += 1
        exchangeCount &+= 1
        let now = now
        let exchange = Exchange(
            facts(
                request, attempt: nil, [], waitedSince: refused.waitedSince,
                inFlight: proxy.counters.inFlight, at: now), [.own])
        exchange.facts.refusal = refused.reason
        let closes = !request.keepsAlive || proxy.isDraining || standing.contains(.surplus)
        if closes { exchange.progress.insert(.closes) }
        let flows = flows(refused, to: request, of: exchange)
        if exchange.closes {
            advance(to: .refusing)
            flags.insert(.talkative)
        }
        append(exchange)
        send(flows, of: exchange, at: now)
        settleAnswers()
    }
}
