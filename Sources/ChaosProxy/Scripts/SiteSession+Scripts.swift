import Faults
import HTTPWire

// Scripts before a site: what they ask, it answers at once.
extension SiteSession {
    /// Begins the script that answers a request, with what it asks for.
    ///
    /// - Returns: false if the honest answer passes unharmed after all.
    func begin(_ script: ScriptAnswer, _ request: HTTPRequest, of exchange: Exchange) -> Bool {
        script.take(told(request))
        if let question = script.question {
            guard let answer = honest(question, request, of: exchange) else {
                passUnharmed(exchange, "it is larger than a script may hold")
                return false
            }
            let other = question.needsOther ? self.other(script, question, request, exchange) : nil
            guard !question.needsOther || other != nil else {
                passUnharmed(exchange, "there is nothing else to take the place of it")
                return false
            }
            guard script.hasRoom(for: answer.body.count + (other?.body.count ?? 0)) else {
                passUnharmed(exchange, "too much is held already")
                return false
            }
            script.take(answer, other: other)
        }
        exchange.progress.insert(.requestSent)
        script.begin()
        return true
    }

    // MARK: Before the body of a request

    /// Draws for a request whose body is still to come, because a script may not wait for that.
    ///
    /// - Returns: whether it is being answered; else what was drawn is kept until it is complete.
    func beginsAtHead(_ request: HTTPRequest, _ body: MessageBody) -> Bool {
        // Who may have to wait for a place does so when the request is complete.
        guard awaitingScript == nil, !mustAsk else { return false }
        let incoming = incoming ?? IncomingRequest()
        self.incoming = incoming
        // How many are in flight counts when it begins.
        let drawn = draw(request.target, request, number: exchangeCount &+ 1, inFlight: 0)
        incoming.drawn = drawn
        guard let script = script(for: drawn.faults), script.beginning == .head else {
            return false
        }
        incoming.body = RequestBody(body, of: request, kept: 0, isAnswered: true)
        // Nobody knows whether a client that waits for leave to send still will.
        let mayContinue = request.traits.contains(.expectsContinue)
        serveThroughPlan(request, closes: mayContinue)
        return true
    }

    /// The rest of a request that has been answered.
    ///
    /// - Returns: how many of `bytes` belong to it.
    func skip(
        _ body: RequestBody, _ incoming: IncomingRequest, _ bytes: UnsafeRawBufferPointer
    ) -> Int? {
        var body = body
        guard !body.isTooLarge, let count = try? body.consume(bytes) else {
            // Where the next request begins is unknown.
            if let first { first.progress.insert(.closes) } else { close() }
            endRequests()
            return nil
        }
        incoming.body = body.isComplete ? nil : body
        if body.isComplete, first == nil { restartClock() }
        return count
    }

    // MARK: What it asks

    /// What the site answers to the request as the script wants it asked.
    ///
    /// - Parameter target: asked for instead; nil: the same.
    private func honest(
        _ question: ScriptRun.Question, _ request: HTTPRequest, target: String? = nil,
        of exchange: Exchange
    ) -> HonestAnswer? {
        let head = ChangedHead.request(request.head, question, target: target)
        return head.withUnsafeBytes { head in
            var skipped = 0
            var changed = (try? HTTPParser.parse(head, skipped: &skipped)) ?? nil
            changed?.content = request.content
            let answer = changed.map(ask) ?? .made(HTTPResponse(400, text: "\(HTTPStatus(400))"))
            return HonestAnswer(
                answer, to: changed ?? request, keeps: !exchange.closes,
                date: proxy.environment.date)
        }
    }

    private func other(
        _ script: ScriptAnswer, _ question: ScriptRun.Question, _ request: HTTPRequest,
        _ exchange: Exchange
    ) -> HonestAnswer? {
        guard let otherTarget = proxy.otherTarget, case .script(let seed) = script.fault.effect,
            let target = otherTarget(String(decoding: request.target, as: UTF8.self), seed)
        else { return nil }
        return honest(question, request, target: target, of: exchange)
    }
}
