import EventLoop
import Faults
import HTTPWire

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
    /// A fault reaches beyond its exchange.
    static let hasConnectionFaults = SessionFlags(rawValue: 32)
    /// The FIN is being held back.
    static let closingSlowly = SessionFlags(rawValue: 64)
    /// A fault has ended the connection.
    static let cut = SessionFlags(rawValue: 128)
}

/// One client connection before a site: reads requests, draws their faults, and writes the answers
/// in order. Loop thread only.
final class SiteSession<Stream: ByteStream>: Session {
    /// Requests that may wait for their answers on one connection; above it no more are read.
    static var maximumPending: Int { 64 }
    /// Output that may wait for the client, in bytes; above it no more requests are read.
    static var highMark: Int { 256 << 10 }

    let stream: Stream
    var incoming: IncomingRequest?
    /// The first of the exchanges that wait.
    var waiting: HTTPExchange?
    private var exchangeCount: UInt32 = 0
    /// The tick at which the phase it is in has lasted too long.
    var expiresAt: UInt32
    var flags: SessionFlags = []

    init(stream: Stream, proxy: Proxy, index: Int32 = -1) {
        self.stream = stream
        expiresAt = proxy.environment.tick &+ proxy.limits.idle &+ 1
        super.init(proxy: proxy, index: index)
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
        forEachWaiting { $0.wake(at: now) }
        answerRisen(at: now)
        flush()
        readOn()
    }

    private func forEachWaiting(_ body: (HTTPExchange) -> Void) {
        var exchange = waiting
        while let current = exchange {
            body(current)
            exchange = current.next
        }
    }

    override func closed(_ ending: ConnectionEnding) {
        while let exchange = waiting {
            waiting = exchange.next
            proxy.ended()
            let isExplained = exchange.isRefusal || exchange.hurt != nil || flags.contains(.cut)
            if !isExplained { proxy.failed() }
            record(exchange, Self.recorded(ending, flags))
        }
        proxy.remove(self)
    }

    private static func recorded(_ ending: ConnectionEnding, _ flags: SessionFlags)
        -> ExchangeRecord.Ending
    {
        switch ending {
        case .fin: flags.contains(.peerEnded) ? .clientFin : .fin
        case .rst: flags.contains(.timedOut) ? .timeout : .rst
        case .peerReset: .clientRST
        }
    }

    // MARK: Serving

    /// Answers a complete request.
    @inline(__always)
    func serve(_ request: HTTPRequest) {
        // LOCAL pays nothing for faults: one look-up, one write.
        guard waiting == nil, request.isPlain, proxy.plan.isEmpty else {
            return serveThroughPlan(request)
        }
        switch ask(request) {
        case .prepared(let response): serve(request, response)
        case .made(let response): serveThroughPlan(request, .made(response))
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
        let inFlight = proxy.began()
        let facts = facts(request, nil, [], inFlight, at: nil)
        facts?.answered(.prepared(response), toHead: false)
        sent(response.count)
        stream.write(response, date: proxy.environment.date)
        guard stream.isOpen, stream.queuedBytes == 0 else {
            // It is over when the client has taken it.
            return append(
                HTTPExchange(pipeline: Pipeline(), closes: false, facts: facts, isComplete: true))
        }
        proxy.ended()
        restartClock()
        if let facts { record(facts, .keep) }
    }

    /// - Parameter made: the site's answer, if it has been asked already.
    private func serveThroughPlan(_ request: HTTPRequest, _ made: SiteAnswer? = nil) {
        exchangeCount &+= 1
        let inFlight = proxy.began()
        let (faults, attempt) = draw(request)
        // Read again: the request is complete only now, and no answer may leave early.
        let now = proxy.environment.now()
        let beyond = note(faults)
        let keeps = request.keepsAlive && !proxy.isDraining
        let exchange = HTTPExchange(
            pipeline: Pipeline(faults, stream: .downstream, credits: beyond?.downstreamCredits),
            closes: !keeps, hurt: faults.hurt ? HTTPExchange.Hurt() : nil,
            facts: facts(request, attempt, faults, inFlight, at: now))
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
        guard !proxy.plan.isEmpty else { return ([], nil) }
        let (exchange, isCounted) = proxy.exchange(for: request.target)
        let faults = proxy.plan.draw(exchange) { match in
            match.applies(to: request, from: stream.peer, number: exchangeCount)
        }
        return (faults, isCounted ? exchange.attempt : nil)
    }

    /// The answer that a fault gives instead of the site.
    private func injected(_ faults: [FaultPlan.DrawnFault]) -> SiteAnswer? {
        for fault in faults {
            guard case .respond(let status, let retryAfter) = fault.effect else { continue }
            proxy.injected()
            return proxy.faultAnswers.answer(status, retryAfter: retryAfter)
        }
        return nil
    }

    private func answer(
        _ exchange: HTTPExchange, _ request: HTTPRequest, _ answer: SiteAnswer, at now: Instant
    ) {
        let flows = ResponseFlows(
            request, keeps: !exchange.closes, mayBeWhole: !exchange.needsBytes,
            date: proxy.environment.date)
        exchange.facts?.answered(answer, toHead: request.method == .head)
        exchange.receive(flows.flows(answer), at: now)
    }

    /// Answers the requests that have come through the faults on their way to the site.
    private func answerRisen(at now: Instant) {
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
                exchange.facts?.answered(refusal, toHead: false)
                let flows = ResponseFlows(closingAt: proxy.environment.date)
                exchange.receive(flows.flows(refusal), at: now)
            }
        }
    }

    // MARK: Faults beyond the exchange

    private func note(_ faults: [FaultPlan.DrawnFault]) -> ConnectionFaults? {
        guard !faults.isEmpty else { return nil }
        guard ConnectionFaults.concern(faults) else { return connectionFaults }
        flags.insert(.hasConnectionFaults)
        let beyond = proxy.connectionFaults(of: self)
        beyond.note(faults)
        return beyond
    }

    private var connectionFaults: ConnectionFaults? {
        flags.contains(.hasConnectionFaults) ? proxy.connectionFaults(of: self) : nil
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

    // MARK: Exchanges in order

    /// Puts an answer of our own behind those that are owed, and ends the connection with it.
    func append(refusal response: HTTPResponse) {
        exchangeCount &+= 1
        let now = proxy.environment.now()
        let inFlight = proxy.refused()
        let facts =
            proxy.environment.onRecord == nil
            ? nil
            : ExchangeFacts(
                client: stream.peer, start: now, inFlight: inFlight, number: exchangeCount)
        let exchange = HTTPExchange(
            pipeline: Pipeline(), closes: true, isRefusal: true, facts: facts)
        facts?.answered(.made(response), toHead: false)
        let flows = ResponseFlows(closingAt: proxy.environment.date)
        exchange.receive(flows.flows(.made(response)), at: now)
        append(exchange)
        flush()
    }

    private func append(_ exchange: HTTPExchange) {
        expiresAt = .max
        guard var last = waiting else { return waiting = exchange }
        while let next = last.next { last = next }
        last.next = exchange
    }

    var waitingCount: Int {
        var count = 0
        forEachWaiting { _ in count += 1 }
        return count
    }

    /// Writes what may leave, in the order of the requests, and asks to be woken for the rest.
    func flush() {
        while let first = waiting {
            write(first.takeReady())
            if let cut = first.cut { return end(first, cut) }
            // A client that has ended will not wait for what never comes.
            if first.isStuck, flags.contains(.peerEnded) { return close() }
            // Over when the kernel has taken it all: until then it can still be cut short.
            guard first.isComplete, stream.queuedBytes == 0, stream.isOpen else { break }
            waiting = first.next
            finish(first, first.closes ? .fin : .keep)
            if first.closes { return close() }
        }
        guard waiting != nil else { return becameIdle() }
        var deadline = UInt64.max
        forEachWaiting { deadline = min(deadline, $0.deadline?.nanoseconds ?? .max) }
        if deadline < .max { stream.wake(at: deadline) }
    }

    /// A fault ends the connection with `exchange`.
    private func end(_ exchange: HTTPExchange, _ cut: Cut) {
        flags.insert(.cut)
        waiting = exchange.next
        proxy.ended()
        record(exchange, cut == .fin ? .fin : .rst)
        switch cut {
        case .fin: stream.close(lingering: !flags.contains(.peerEnded))
        case .rst: stream.resetInOrder()
        }
    }

    private func finish(_ exchange: HTTPExchange, _ ending: ExchangeRecord.Ending) {
        proxy.ended()
        record(exchange, ending)
    }

    private func becameIdle() {
        restartClock()
        if proxy.isDraining { return close() }
        // What is kept was sent before the FIN, and is served first.
        if flags.contains(.peerEnded), !flags.contains(.paused) { return close() }
        if let incoming, incoming.body != nil { awaitBody(incoming) }
    }

    private func write(_ flows: [Flow]) {
        // Head and body in one system call; what a fault has cut in pieces stays in pieces.
        let isCorked = flows.count > 1 && waiting?.needsBytes == false && stream.cork()
        for flow in flows {
            switch flow {
            case .prepared(let response):
                sent(response.count)
                waiting?.hurt?.sentBytes += response.count
                stream.write(response, date: proxy.environment.date)
            case .bytes(let bytes):
                sent(bytes.count)
                waiting?.hurt?.sentBytes += bytes.count
                stream.write(bytes)
            case .boundary, .end, .cut: break
            }
        }
        if isCorked { stream.uncork() }
    }

    @inline(__always)
    private func sent(_ count: Int) {
        proxy.counters.receivedDownstream &+= UInt64(count)
        proxy.counters.sentDownstream &+= UInt64(count)
    }

    // MARK: Ends

    override var isOwing: Bool { waiting != nil }

    override func reset() { stream.reset() }
    override func drain() { beginDraining() }
    override func checkTimeLimits(_ now: UInt64) { enforceTimeLimits(now) }

    /// Ends the connection behind what has been written, late if `slow_close` says so.
    override func close() {
        guard !flags.contains(.closingSlowly) else { return }
        let beyond = connectionFaults
        let delay =
            (beyond?.closeDelay ?? 0)
            &+ (flags.contains(.peerEnded) ? beyond?.endDelay ?? 0 : 0)
        guard delay > 0, waiting == nil, stream.isOpen else { return closeNow() }
        flags.formUnion([.closingSlowly, .refusing])
        expiresAt = .max
        stream.wake(at: (proxy.environment.now() + delay).nanoseconds)
    }

    private func closeNow() {
        let mayHear = !flags.isDisjoint(with: [.talkative, .paused]) || incoming != nil
        stream.close(lingering: mayHear && !flags.contains(.peerEnded))
    }

    // MARK: Records

    private func facts(
        _ request: HTTPRequest, _ attempt: UInt32?, _ faults: [FaultPlan.DrawnFault],
        _ inFlight: Int, at start: Instant?
    ) -> ExchangeFacts? {
        guard proxy.environment.onRecord != nil else { return nil }
        return ExchangeFacts(
            request, client: stream.peer, attempt: attempt, faults: faults,
            start: start ?? proxy.environment.now(), inFlight: inFlight, number: exchangeCount)
    }

    private func record(_ exchange: HTTPExchange, _ ending: ExchangeRecord.Ending) {
        guard let facts = exchange.facts else { return }
        if let hurt = exchange.hurt { facts.sent(hurt.sentBytes, ofThem: hurt.headBytes) }
        record(facts, ending)
    }

    private func record(_ facts: ExchangeFacts, _ ending: ExchangeRecord.Ending) {
        proxy.environment.onRecord?(facts.record(self, ending))
    }
}
