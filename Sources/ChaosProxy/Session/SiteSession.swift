import EventLoop
import Faults
import HTTPWire
import Records

/// One client connection before a site: reads requests, draws their faults, and writes the answers
/// in order. Loop thread only.
final class SiteSession<Stream: ByteStream>: ClientSession<Stream> {
    // First, where the base class leaves room for it.
    /// The tick at which what it waits for has lasted too long.
    var expiresAt: UInt32

    override init(stream: Stream, proxy: Proxy, peer: SocketAddress? = nil) {
        expiresAt = proxy.environment.tick &+ proxy.limits.idle &+ 1
        super.init(stream: stream, proxy: proxy, peer: peer)
    }

    // MARK: What the connection says

    @_specialize(where Stream == Connection)
    override func received(_ bytes: UnsafeRawBufferPointer) {
        // A site takes whatever comes.
        proxy.counters.receivedUpstream &+= UInt64(bytes.count)
        proxy.counters.sentUpstream &+= UInt64(bytes.count)
        read(bytes)
    }

    @_specialize(where Stream == Connection)
    override func receivedEnd() { peerEnded() }

    @_specialize(where Stream == Connection)
    override func settle() {
        flush()
        if phase < .ended { schedule() }
        readOn()
    }

    @_specialize(where Stream == Connection)
    override func woke(at now: UInt64) {
        if lifetime?.isKeptOut == true { return letIn() }
        let now = Instant(nanoseconds: now)
        if !standing.isDisjoint(with: [.granted, .expired]) { goOnAfterWait() }
        forEachExchange { $0.wake(at: now) }
        answerRisen(at: now)
        settle()
    }

    @_specialize(where Stream == Connection)
    override func closed(_ ending: ConnectionEnding) {
        super.closed(ending)
        advance(to: .over)
        proxy.remove(self)
    }

    // MARK: Serving

    /// Answers a complete request.
    ///
    /// - Parameter waitedSince: when it had come; nil if it did not have to wait for its place.
    @inline(__always)
    func serve(_ request: HTTPRequest, waitedSince: Instant? = nil) {
        // LOCAL pays nothing for faults: one look-up, one write.
        guard first == nil, request.isPlain, proxy.plan.isEmpty, waitedSince == nil else {
            return serveThroughPlan(request, waitedSince: waitedSince)
        }
        switch ask(request) {
        case .prepared(let response): serve(request, response)
        case let answer: serveThroughPlan(request, made: answer)
        }
    }

    @inline(__always)
    private func serve(_ request: HTTPRequest, _ response: PreparedResponse) {
        if request.keepsAlive { return write(response, to: request) }
        guard endsSimply else {
            return serveThroughPlan(request, made: .prepared(response))
        }
        write(response.closing, to: request)
    }

    /// Whether the connection can end with an answer as soon as the kernel has that.
    private var endsSimply: Bool {
        lifetime == nil && connectionFaults == nil && clientSide.isEmpty
    }

    @inline(__always)
    func ask(_ request: HTTPRequest) -> SiteAnswer {
        guard let site = proxy.site else {
            preconditionFailure("a session before a site has one")
        }
        if proxy.maximumContent > 0 { proxy.environment.asker = stream.peer }
        return site(request)
    }

    private func write(_ response: PreparedResponse, to request: HTTPRequest) {
        exchangeCount &+= 1
        let isRecorded = proxy.environment.isRecorded
        let clock = proxy.environment.now
        let start = isRecorded ? clock() : Instant(nanoseconds: 0)
        countSent(response.count)
        stream.write(response, date: proxy.environment.date)
        guard stream.isOpen, stream.queuedBytes == 0 else {
            return linger(request, response, isRecorded ? start : clock())
        }
        let end = isRecorded ? clock() : start
        let inFlight = proxy.passed(self, from: start, to: end)
        if isRecorded { recordPlain(request, response, inFlight, start, end) }
        if request.keepsAlive { return restartClock() }
        advance(to: .refusing)
        endClient(isComplete: true)
    }

    /// It is over when the client has taken it.
    private func linger(_ request: HTTPRequest, _ response: PreparedResponse, _ start: Instant) {
        let inFlight = proxy.began(self, at: start)
        let exchange = Exchange(
            facts(request, attempt: nil, [], inFlight: inFlight, at: start),
            [.counted, .own, .requestSent])
        exchange.facts.answers(.prepared(response), toHead: false)
        exchange.facts.left(
            head: response.count - response.body.count, body: response.body.count)
        exchange.down.receive(.boundary, at: start)
        append(exchange)
        if !request.keepsAlive { refuseFurther(exchange) }
    }

    /// - Parameters:
    ///   - made: the site's answer, if it has been asked already.
    ///   - closes: whether the connection ends with it, whatever the request says.
    func serveThroughPlan(
        _ request: HTTPRequest, made: SiteAnswer? = nil, waitedSince: Instant? = nil,
        closes: Bool = false
    ) {
        exchangeCount &+= 1
        let inFlight = proxy.began(self, at: now)
        let drawn =
            incoming?.takeDrawn(inFlight: inFlight)
            ?? draw(request.target, request, number: exchangeCount, inFlight: inFlight)
        let faults = withLasting(drawn.faults)
        // Read again: the request is complete only now, and no answer may leave early.
        let now = now
        let exchange = Exchange(
            facts(
                request, attempt: drawn.attempt, faults, waitedSince: waitedSince,
                inFlight: inFlight, at: now),
            [.counted, .own], faults: faults, credits: note(drawn.faults)?.bandwidth)
        let ends = closes || !request.keepsAlive && !staysOpen || proxy.isDraining
        if ends { refuseFurther(exchange) }
        exchange.begin(at: now)
        append(exchange)
        leaveFlightIfGone(exchange)
        if let respond = respond(drawn.faults) {
            exchange.answer = flows(respond, to: request, of: exchange)
        } else if let script = script(for: drawn.faults) {
            exchange.script = script
        }
        if exchange.hasUpFaults {
            exchange.receiveUp(.bytes(Bytes(copying: request.head)), at: now)
            exchange.receiveUp(.boundary, at: now)
            answerRisen(at: now)
        } else {
            answer(exchange, request, made, at: now)
        }
        settleAnswers()
    }

    /// The connection ends with `exchange`.
    func refuseFurther(_ exchange: Exchange) {
        exchange.progress.insert(.closes)
        advance(to: .refusing)
    }

    override func endRequests() {
        super.endRequests()
        incoming = nil
    }

    /// - Parameter made: the site's answer, if it has been asked already.
    private func answer(
        _ exchange: Exchange, _ request: HTTPRequest, _ made: SiteAnswer?, at now: Instant
    ) {
        if let script = exchange.script, begin(script, request, of: exchange) { return }
        let answer = exchange.takeAnswer()
        guard answer.isEmpty else { return send(answer, of: exchange, at: now) }
        give(made ?? ask(request), to: request, exchange, at: now)
    }

    private func give(
        _ answer: SiteAnswer, to request: HTTPRequest, _ exchange: Exchange, at now: Instant
    ) {
        switch answer {
        case .late(let late): return wait(for: late, to: request, exchange)
        case .streamed(let response):
            if request.method != .head { stream(response, to: request, exchange) }
        case .prepared, .made: break
        }
        send(flows(answer, to: request, of: exchange), of: exchange, at: now)
    }

    /// The exchange keeps what makes the answer: that ends with it.
    private func wait(for late: LateAnswer, to request: HTTPRequest, _ exchange: Exchange) {
        let head = Array(request.head)
        // The site has been asked.
        exchange.progress.insert(.requestSent)
        exchange.late = late
        late.onAnswer = { [weak self, weak exchange] answer in
            guard let self, let exchange, stream.isOpen else { return }
            exchange.late = nil
            head.withUnsafeBytes { head in
                var skipped = 0
                guard let request = try? HTTPParser.parse(head, skipped: &skipped) else { return }
                give(answer, to: request, exchange, at: now)
            }
            settle()
        }
    }

    private func stream(
        _ response: ResponseStream, to request: HTTPRequest, _ exchange: Exchange
    ) {
        let hasLength = response.contentLength != nil
        let isChunked = !hasLength && request.minorVersion > 0 && !exchange.closes
        let source = StreamedBody(response, isChunked: isChunked)
        source.start { [weak self] in self?.settleAnswers() }
        exchange.source = source
        if !isChunked, !hasLength { refuseFurther(exchange) }
    }

    /// Answers the requests that have come through the faults on their way to the site.
    func answerRisen(at now: Instant) {
        forEachExchange { exchange in
            guard exchange.progress.isDisjoint(with: .requestSent),
                exchange.progress.contains(.requestRisen)
            else { return }
            exchange.progress.insert(.requestSent)
            let bytes = exchange.takeUp().flatMap { $0.memory.map(Array.init) ?? [] }
            bytes.withUnsafeBytes { bytes in
                var skipped = 0
                if let request = try? HTTPParser.parse(bytes, skipped: &skipped) {
                    return answer(exchange, request, nil, at: now)
                }
                answerNonsense(exchange, at: now)
            }
        }
    }

    /// A fault has made nonsense of a request, and it gets what nonsense gets.
    private func answerNonsense(_ exchange: Exchange, at now: Instant) {
        let refusal = SiteAnswer.made(HTTPResponse(400, text: "\(HTTPStatus(400))"))
        refuseFurther(exchange)
        exchange.script = nil
        exchange.facts.answers(refusal, toHead: false)
        let flows = ResponseFlows(closingAt: proxy.environment.date).flows(refusal)
        send(flows, of: exchange, at: now)
    }

    /// Writes what may leave, and asks to be woken for the rest.
    func settleAnswers() {
        flush()
        if phase < .ended { schedule() }
    }

    override func planChanged() {
        keepFaults()
        if lifetime?.isKeptOut == true { return }
        guard first != nil || phase == .ending else { return }
        answerRisen(at: now)
        settle()
    }

    // MARK: Ends

    override func reset() { stream.reset() }
    override func drain() { beginDraining() }
    override func checkTimeLimits(_ now: UInt64) { enforceTimeLimits(now) }

    /// Ends the connection behind what has been written, late if `slow_close` says so.
    override func close() {
        advance(to: .refusing)
        guard first == nil else { return end(isReset: false) { closeNow() } }
        endClient()
    }

    /// The client's FIN comes late to a site, and ours late to the client.
    override var isEndHeld: Bool {
        guard let faults = connectionFaults else { return false }
        let late = clientSide.contains(.ended) ? faults.toBackend.delay : 0
        return faults.toClient.isHeld(for: faults.toClient.delay &+ late, at: now)
    }

    @_specialize(where Stream == Connection)
    override func closeNow() {
        stopWaiting()
        let mayHear = !flags.isDisjoint(with: [.talkative, .paused]) || incoming != nil
        stream.close(lingering: mayHear && !clientSide.contains(.ended))
    }

    override func cutNow(_ cut: Cut) {
        switch cut {
        case .fin: stream.close(lingering: !clientSide.contains(.ended))
        case .rst: stream.resetInOrder()
        }
    }

    override func gotIn() { restartClock() }

    override var isIdle: Bool { incoming == nil && super.isIdle }

    @_specialize(where Stream == Connection)
    override func becameIdle() {
        restartClock()
        if proxy.isDraining { return close() }
        // What is kept was sent before the FIN, and is served first.
        if clientSide.contains(.ended), !keepsRequests { return close() }
        if let incoming, incoming.body != nil { awaitBody(incoming) }
    }

    @_specialize(where Stream == Connection)
    override func isHopeless(_ exchange: Exchange) -> Bool {
        // A client that has ended will not wait for what never comes.
        exchange.isStuck && clientSide.contains(.ended)
    }

    /// Sends of a body that is made while it is sent as much as the client takes, but not all at
    /// once: others wait.
    override func pump(_ exchange: Exchange) {
        guard exchange.source != nil else { return }
        flags.remove(.pumping)
        if proxy.isDraining, let source = exchange.source, source.isEndless {
            // It would go on for ever.
            write([source.end], of: exchange)
            if exchange.next == nil { exchange.progress.insert(.closes) }
            return endBody(exchange)
        }
        for _ in 0..<2 {
            guard stream.isOpen, stream.queuedBytes < StreamedBody.highMark,
                let piece = exchange.source?.next()
            else { return }
            write([piece.bytes], of: exchange)
            if piece.isLast { return endBody(exchange) }
        }
        flags.insert(.pumping)
    }

    private func endBody(_ exchange: Exchange) {
        exchange.source = nil
        exchange.down.receive(.boundary, at: now)
        write(exchange)
    }

    private func write(_ pieces: [Bytes], of exchange: Exchange) {
        for piece in pieces { exchange.down.receive(.bytes(piece), at: now) }
        write(exchange)
    }

    override var mayGoOn: Bool {
        super.mayGoOn
            || !standing.isDisjoint(with: [.granted, .expired]) && hasRoom
    }

    override var keepsRequests: Bool { !flags.isDisjoint(with: [.paused, .reading]) }

    override func queuedFacts(since: Instant?) -> ExchangeFacts? {
        guard let incoming else { return nil }
        let head = incoming.body?.head ?? incoming.bytes
        return head.withUnsafeBytes { head in
            var skipped = 0
            guard let request = try? HTTPParser.parse(head, skipped: &skipped) else { return nil }
            exchangeCount &+= 1
            return facts(
                request, attempt: nil, [], waitedSince: since,
                inFlight: proxy.counters.inFlight, at: now)
        }
    }

    override func forgetQueued() { incoming = nil }
}
