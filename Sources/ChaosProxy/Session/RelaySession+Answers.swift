import EventLoop
import Faults
import HTTPWire
import Records

// What a session with a backend answers itself: for faults, and for limits.
extension RelaySession {
    /// The request that a fault answers will never be complete: it is answered all the same, in
    /// its turn, and the connection ends with it.
    func giveUpRequest() {
        guard let current else { return }
        current.progress.formUnion([.requestRead, .closes])
        current.receiveUp(.boundary, at: now)
        advance(to: .refusing)
        self.current = nil
    }

    func inject(
        _ injection: Injection, into exchange: Exchange, _ request: HTTPRequest?,
        _ whole: UnsafeRawBufferPointer, isComplete: Bool
    ) {
        messages?.framing.injected()
        exchange.progress.insert(.own)
        exchange.facts.traits.insert(.injected)
        // A client that waits for leave to send gets the answer instead (RFC 9110 §10.1.1).
        let mayContinue = request?.traits.contains(.expectsContinue) == true && !isComplete
        if mayContinue { exchange.progress.insert(.closes) }
        exchange.answer =
            request.map { flows(injection, to: $0, of: exchange) }
            ?? errorReply(nil, into: exchange)
        goOn(whole, isComplete || mayContinue)
    }

    /// Answers a request that is over a limit; nothing is drawn for it.
    func refuse(
        _ head: RequestHead, _ whole: UnsafeRawBufferPointer, isComplete: Bool,
        _ refused: Proxy.Refused
    ) {
        exchangeCount &+= 1
        proxy.counters.requests += 1
        let request = head.request
        let exchange = Exchange(
            facts(
                method: method(head, whole), target: whole.part(head.target), of: request,
                attempt: nil, [], waitedSince: refused.waitedSince,
                inFlight: proxy.counters.inFlight, at: now),
            .own, kind: head.kind)
        exchange.facts.refusal = refused.reason
        if !head.isAnswered { exchange.progress.insert(.unanswered) }
        append(exchange)
        current = exchange
        messages?.beginRequest()
        messages?.framing.injected()
        let mayContinue = request?.traits.contains(.expectsContinue) == true && !isComplete
        let ends = request?.keepsAlive == false || mayContinue || standing.contains(.surplus)
        if ends { exchange.progress.insert(.closes) }
        exchange.answer = flows(refused, request, into: exchange)
        goOn(whole, isComplete || mayContinue)
    }

    private func flows(
        _ refused: Proxy.Refused, _ request: HTTPRequest?, into exchange: Exchange
    ) -> [Flow] {
        guard proxy.status(of: refused.reason) != nil else { return refuseByEnd(exchange) }
        return request.map { flows(refused, to: $0, of: exchange) }
            ?? errorReply(refused.reason, into: exchange)
    }

    /// An error in the words of a protocol that is not HTTP.
    private func errorReply(
        _ refusal: ExchangeRecord.Refusal?, into exchange: Exchange
    ) -> [Flow] {
        if exchange.progress.contains(.unanswered) { return [.boundary] }
        let reply = proxy.protocol.errorReply(refusal)
        if let reply, let status = reply.status {
            exchange.facts.answers(HTTPStatus(Int(status)), within: reply.bytes.count)
        }
        if reply?.closes == true { exchange.progress.insert(.closes) }
        return reply.map { [.bytes(Bytes($0.bytes)), .boundary] } ?? [.boundary]
    }

    /// Gives the answers of requests that have come through the faults on their way.
    func answerRisen() {
        forEachExchange { exchange in
            if exchange.progress.contains(.scripted) { return updateScript(of: exchange) }
            guard exchange.progress.contains(.own) else { return }
            _ = exchange.takeUp()  // no backend gets them
            guard exchange.progress.contains(.requestRisen),
                !exchange.progress.contains(.requestSent)
            else { return }
            send(exchange.takeAnswer(), of: exchange, at: now)
        }
    }

    /// The request with a Host field that names the backend, if the proxy is to do that.
    func withBackendAsHost(_ request: HTTPRequest?, _ whole: UnsafeRawBufferPointer)
        -> [UInt8]?
    {
        guard proxy.overwritesHost, let backend = proxy.upstream.backend,
            let host = request?.singleValue(of: "host"), let start = host.baseAddress,
            let base = whole.baseAddress
        else { return nil }
        let offset = start - base
        return whole[..<offset] + Array(backend.description.utf8) + whole[(offset + host.count)...]
    }
}
