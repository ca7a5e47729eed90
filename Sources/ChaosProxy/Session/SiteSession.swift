import EventLoop
import Faults
import HTTPWire
import Records

/// Where a session stands.
struct SessionFlags: OptionSet {
    let rawValue: UInt8
    /// No further request is read.
    static let refusing = SessionFlags(rawValue: 1)
    /// The client has sent its FIN.
    static let peerEnded = SessionFlags(rawValue: 2)
    static let paused = SessionFlags(rawValue: 4)
    static let timedOut = SessionFlags(rawValue: 8)
    /// The client has sent more than the request that is answered.
    static let talkative = SessionFlags(rawValue: 16)
    /// The FIN is being held back.
    static let closingSlowly = SessionFlags(rawValue: 32)
    /// There is more of a body that is made while it is sent.
    static let pumping = SessionFlags(rawValue: 64)
}

/// One client connection before a site: reads requests, draws their faults, and writes the answers
/// in order. Loop thread only.
final class SiteSession<Stream: ByteStream>: Session {
    /// Requests that may wait for their answers on one connection; above it no more are read.
    static var maximumPending: Int { 64 }
    /// Output that may wait for the client, in bytes; above it no more requests are read.
    static var highMark: Int { 256 << 10 }

    // First, where the base class leaves room for them: there are thousands of sessions.
    var flags: SessionFlags = []
    let stream: Stream
    var incoming: IncomingRequest?
    /// The first of the exchanges that wait.
    var waiting: HTTPExchange?
    var exchangeCount: UInt32 = 0
    /// The tick at which the phase it is in has lasted too long.
    var expiresAt: UInt32

    init(stream: Stream, proxy: Proxy, index: Int32 = -1, peer: SocketAddress? = nil) {
        self.stream = stream
        expiresAt = proxy.environment.tick &+ proxy.limits.idle &+ 1
        super.init(proxy: proxy, index: index, peer: peer ?? stream.peer)
    }

    // MARK: What the connection says

    override func received(_ bytes: UnsafeRawBufferPointer) {
        // A site takes whatever comes.
        proxy.counters.receivedUpstream &+= UInt64(bytes.count)
        proxy.counters.sentUpstream &+= UInt64(bytes.count)
        read(bytes)
    }

    override func receivedEnd() { peerEnded() }
    override func drained() {
        flush()
        readOn()
    }

    override func woke(at now: UInt64) {
        let now = Instant(nanoseconds: now)
        if flags.contains(.closingSlowly), waiting == nil { return closeNow() }
        if !standing.isDisjoint(with: [.granted, .expired]) { goOnAfterWait() }
        forEachWaiting { $0.wake(at: now) }
        answerRisen(at: now)
        flush()
        readOn()
    }

    func forEachWaiting(_ body: (HTTPExchange) -> Void) {
        var exchange = waiting
        while let current = exchange {
            body(current)
            exchange = current.next
        }
    }

    override func lost(_ count: Int) {
        // Answers leave in order: what is missing is missing of the one that leaves now.
        if let waiting { waiting.sentBytes = max(waiting.sentBytes - count, 0) }
    }

    override func closed(_ ending: ConnectionEnding) {
        var isFirst = true
        while let exchange = waiting {
            waiting = exchange.next
            leaveFlight(exchange)
            // Of those behind the first one nothing has left.
            record(exchange, recorded(ending, isFirst && exchange.isComplete))
            isFirst = false
        }
        if standing.contains(.queued) { recordQueued(recorded(ending, false)) }
        proxy.remove(self)
    }

    private func recorded(_ ending: ConnectionEnding, _ isComplete: Bool)
        -> ExchangeRecord.Ending
    {
        let isClients = flags.contains(.peerEnded)
        switch ending {
        case .fin: return isClients && !isComplete ? .clientFin : .fin
        case .rst: return flags.contains(.timedOut) ? .timeout : .rst
        // One that has ended before answers with RST to what it does not want any more.
        case .peerReset: return isClients ? .clientFin : .clientRST
        }
    }

    /// It is under way no more, whatever may still leave.
    func leaveFlight(_ exchange: HTTPExchange) {
        guard exchange.isCounted else { return }
        exchange.isCounted = false
        proxy.ended(self)
    }

    // MARK: Serving

    /// Answers a complete request.
    ///
    /// - Parameter waitedSince: when it had come; nil if it did not have to wait for its place.
    @inline(__always)
    func serve(_ request: HTTPRequest, waitedSince: Instant? = nil) {
        // LOCAL pays nothing for faults: one look-up, one write.
        guard waiting == nil, request.isPlain, proxy.plan.isEmpty, waitedSince == nil else {
            return serveThroughPlan(request, waitedSince: waitedSince)
        }
        switch ask(request) {
        case .prepared(let response): serve(request, response)
        case let answer: serveThroughPlan(request, made: answer)
        }
    }

    @inline(__always)
    private func ask(_ request: HTTPRequest) -> SiteAnswer {
        guard case .site(let site) = proxy.upstream else {
            preconditionFailure("a site's proxy never gets an address")
        }
        return site(request)
    }

    private func serve(_ request: HTTPRequest, _ response: PreparedResponse) {
        exchangeCount &+= 1
        let inFlight = proxy.began(self)
        let isRecorded = proxy.environment.onRecord != nil
        let start = isRecorded ? proxy.environment.now() : Instant(nanoseconds: 0)
        sent(response.count)
        stream.write(response, date: proxy.environment.date)
        guard stream.isOpen, stream.queuedBytes == 0 else {
            return linger(request, response, inFlight, start)
        }
        proxy.ended(self)
        restartClock()
        if isRecorded { recordPlain(request, response, inFlight, start) }
    }

    /// It is over when the client has taken it.
    private func linger(
        _ request: HTTPRequest, _ response: PreparedResponse, _ inFlight: Int, _ start: Instant
    ) {
        let facts = facts(request, nil, [], inFlight, at: start)
        facts?.answers(.prepared(response), toHead: false)
        let exchange = HTTPExchange(closes: false, facts: facts, isComplete: true)
        exchange.sentBytes = response.count
        exchange.headBytes = UInt32(response.count - response.body.count)
        append(exchange)
    }

    /// - Parameter made: the site's answer, if it has been asked already.
    private func serveThroughPlan(
        _ request: HTTPRequest, made: SiteAnswer? = nil, waitedSince: Instant? = nil
    ) {
        exchangeCount &+= 1
        let inFlight = proxy.began(self)
        let (faults, attempt) = draw(request)
        // Read again: the request is complete only now, and no answer may leave early.
        let now = proxy.environment.now()
        let beyond = note(faults)
        let keeps = request.keepsAlive && !proxy.isDraining
        let exchange = HTTPExchange(
            pipeline: Pipeline(faults, stream: .downstream, credits: beyond?.downstreamCredits),
            closes: !keeps,
            facts: facts(request, attempt, faults, inFlight, waitedSince: waitedSince, at: now))
        if !keeps { flags.insert(.refusing) }
        let injected = injected(faults)
        let up = Pipeline(faults, stream: .upstream, credits: beyond?.upstreamCredits)
        if up.isEmpty {
            answer(exchange, request, made ?? injected ?? ask(request), at: now)
        } else {
            let rising = HTTPExchange.RisingRequest(up, injected: injected)
            exchange.rise(rising, head: request.head, at: now)
        }
        append(exchange)
        if !up.isEmpty { answerRisen(at: now) }
        flush()
    }

    private func draw(_ request: HTTPRequest)
        -> (faults: [FaultPlan.DrawnFault], attempt: UInt32?)
    {
        proxy.draw(request.target, request, from: stream.peer?.host, number: exchangeCount)
    }

    /// The answer that a fault gives instead of the site.
    private func injected(_ faults: [FaultPlan.DrawnFault]) -> SiteAnswer? {
        for fault in faults {
            guard case .respond(let status, let retryAfter) = fault.effect else { continue }
            proxy.injected(self)
            return proxy.faultAnswers.answer(status, retryAfter: retryAfter)
        }
        return nil
    }

    private func answer(
        _ exchange: HTTPExchange, _ request: HTTPRequest, _ answer: SiteAnswer, at now: Instant
    ) {
        if case .streamed(let response) = answer, request.method != .head {
            stream(response, to: request, exchange)
        }
        let flows = ResponseFlows(
            request, keeps: !exchange.closes, mayBeWhole: !exchange.needsBytes,
            date: proxy.environment.date, timing: timing(exchange))
        exchange.facts?.answers(answer, toHead: request.method == .head)
        exchange.receive(flows.flows(answer), at: now)
    }

    /// What is told of its faults.
    func timing(_ exchange: HTTPExchange) -> HTTPField? {
        guard proxy.environment.hasFaultFields else { return nil }
        return exchange.facts.flatMap { ServerTiming.field($0.faults) }
    }

    private func stream(
        _ response: ResponseStream, to request: HTTPRequest, _ exchange: HTTPExchange
    ) {
        let isChunked = request.minorVersion > 0 && !exchange.closes
        let source = StreamedBody(response, isChunked: isChunked)
        source.start { [weak self] in self?.flush() }
        exchange.source = source
        if !isChunked {
            exchange.closes = true
            flags.insert(.refusing)
        }
    }

    /// Answers the requests that have come through the faults on their way to the site.
    func answerRisen(at now: Instant) {
        forEachWaiting { exchange in
            guard let risen = exchange.takeRisen() else { return }
            risen.bytes.withUnsafeBytes { bytes in
                var skipped = 0
                if let request = try? HTTPParser.parse(bytes, skipped: &skipped) {
                    let answer = risen.injected ?? ask(request)
                    return self.answer(exchange, request, answer, at: now)
                }
                // A fault has made nonsense of it, and gets what nonsense gets.
                let refusal = SiteAnswer.made(HTTPResponse(400, text: "\(HTTPStatus(400))"))
                exchange.closes = true
                flags.insert(.refusing)
                exchange.facts?.answers(refusal, toHead: false)
                let flows = ResponseFlows(closingAt: proxy.environment.date)
                exchange.receive(flows.flows(refusal), at: now)
            }
        }
    }

    override func planChanged() {
        guard waiting != nil else { return }
        let names = proxy.plan.names
        let now = proxy.environment.now()
        forEachWaiting { $0.keep(only: names, at: now) }
        answerRisen(at: now)
        flush()
        readOn()
    }

    // MARK: Ends

    override var isOwing: Bool { waiting != nil }

    override func reset() { stream.reset() }
    override func drain() { beginDraining() }
    override func checkTimeLimits(_ now: UInt64) { enforceTimeLimits(now) }

    /// Ends the connection behind what has been written, late if `slow_close` says so.
    override func close() {
        guard !flags.contains(.closingSlowly) else { return }
        let delay = closeDelay
        guard delay > 0, waiting == nil, stream.isOpen else { return closeNow() }
        flags.formUnion([.closingSlowly, .refusing])
        expiresAt = .max
        stream.wake(at: (proxy.environment.now() + delay).nanoseconds)
    }

    /// The client's FIN comes late to a site, and ours late to the client.
    private var closeDelay: Nanoseconds {
        guard let faults = connectionFaults else { return 0 }
        return faults.toClient.delay &+ (flags.contains(.peerEnded) ? faults.toBackend.delay : 0)
    }

    private func closeNow() {
        stopWaiting()
        let mayHear = !flags.isDisjoint(with: [.talkative, .paused]) || incoming != nil
        stream.close(lingering: mayHear && !flags.contains(.peerEnded))
    }

    override func admitted() {
        stream.wake(at: proxy.environment.now().nanoseconds)
    }
}
