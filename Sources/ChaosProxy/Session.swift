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
}

/// One client connection on protocol `http`: reads requests, draws their faults, and writes the
/// answers in order. Loop thread only.
final class Session<Stream: ByteStream>: ConnectionHandler {
    /// Requests that may wait for their answers on one connection; above it no more are read.
    static var maximumPending: Int { 64 }
    /// Output that may wait for the client, in bytes; above it no more requests are read.
    static var highMark: Int { 256 << 10 }

    unowned(unsafe) let proxy: Proxy
    let stream: Stream
    var incoming: IncomingRequest?
    /// The first of the exchanges that wait.
    var waiting: HTTPExchange?
    private let number: UInt32
    private var exchangeCount: UInt32 = 0
    /// Place in the proxy's list; -1 in none.
    var index: Int32
    /// The tick at which the phase it is in has lasted too long.
    var expiresAt: UInt32
    var flags: SessionFlags = []

    init(stream: Stream, proxy: Proxy, index: Int32 = -1) {
        (self.stream, self.proxy, self.index) = (stream, proxy, index)
        number = proxy.nextConnectionNumber()
        expiresAt = proxy.environment.tick &+ proxy.limits.idle &+ 1
    }

    // MARK: What the connection says

    override func received(_ bytes: UnsafeRawBufferPointer) { read(bytes) }
    override func receivedEnd() { peerEnded() }
    override func drained() {
        flush()
        readOn()
    }

    override func woke(at now: UInt64) {
        var exchange = waiting
        while let current = exchange {
            current.wake(at: Instant(nanoseconds: now))
            exchange = current.next
        }
        flush()
        readOn()
    }

    override func closed(_ ending: ConnectionEnding) {
        while let exchange = waiting {
            waiting = exchange.next
            proxy.ended()
            if !exchange.isRefusal { proxy.failed() }
            guard let facts = exchange.facts else { continue }
            record(facts, Self.recorded(ending, flags))
        }
        proxy.remove(sessionAt: index)
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
        switch proxy.upstream.answer(request) {
        case .prepared(let response): serve(request, response)
        case .made(let response): serveThroughPlan(request, .made(response))
        }
    }

    private func serve(_ request: HTTPRequest, _ response: PreparedResponse) {
        exchangeCount &+= 1
        let inFlight = proxy.began()
        let facts =
            proxy.environment.onRecord == nil
            ? nil
            : facts(request, .prepared(response), nil, [], inFlight, at: proxy.environment.now())
        write(response)
        guard stream.isOpen, stream.queuedBytes == 0 else {
            // It is over when the client has taken it.
            return append(
                HTTPExchange(pipeline: Pipeline([]), closes: false, facts: facts, isComplete: true))
        }
        proxy.ended()
        restartClock()
        if let facts { record(facts, .keep) }
    }

    /// - Parameter made: the upstream's answer, if it has been asked already.
    private func serveThroughPlan(_ request: HTTPRequest, _ made: SiteAnswer? = nil) {
        exchangeCount &+= 1
        let inFlight = proxy.began()
        var attempt: UInt32?
        var faults: [FaultPlan.DrawnFault] = []
        if !proxy.plan.isEmpty {
            let (exchange, isCounted) = proxy.exchange(for: request.target)
            attempt = isCounted ? exchange.attempt : nil
            faults = proxy.plan.draw(exchange)
        }
        // Read again: the request is complete only now, and no answer may leave early.
        let now = proxy.environment.now()
        let answer = made ?? answer(request, faults)
        let keeps = request.keepsAlive && !proxy.isDraining
        let wantsRecord = proxy.environment.onRecord != nil
        let exchange = HTTPExchange(
            pipeline: Pipeline(faults), closes: !keeps,
            facts: wantsRecord
                ? facts(request, answer, attempt, faults, inFlight, at: now) : nil)
        exchange.receive(flows(answer, request, keeps), at: now)
        append(exchange)
        if !keeps { flags.insert(.refusing) }
        flush()
    }

    private func answer(_ request: HTTPRequest, _ faults: [FaultPlan.DrawnFault]) -> SiteAnswer {
        for fault in faults {
            guard case .respond(let status, let retryAfter) = fault.effect else { continue }
            proxy.injected()
            return proxy.faultAnswers.answer(status, retryAfter: retryAfter)
        }
        return proxy.upstream.answer(request)
    }

    /// A response as it travels: whole where it lies ready, else head and body apart.
    private func flows(_ answer: SiteAnswer, _ request: HTTPRequest, _ keeps: Bool) -> [Flow] {
        let persistence: HTTPSerializer.Persistence =
            keeps ? (request.minorVersion == 0 ? .keepAlive : .implied) : .close
        var flows: [Flow]
        switch answer {
        case .prepared(let response):
            if request.method != .head {
                switch persistence {
                case .implied: return [.prepared(response)]
                case .close: return [.prepared(response.closing)]
                case .keepAlive: break
                }
            }
            let head = response.head(date: proxy.environment.date, persistence: persistence)
            flows = [.bytes(head)]
            if response.body.count > 0 { flows.append(.bytes(response.body)) }
        case .made(let response):
            flows = self.flows(response, persistence)
        }
        if request.method == .head { flows.removeSubrange(1...) }
        return flows + [.end]
    }

    /// Head and body of a response that was made for its request.
    private func flows(_ response: HTTPResponse, _ persistence: HTTPSerializer.Persistence)
        -> [Flow]
    {
        let head = HTTPSerializer.head(
            response.status, fields: response.fields, contentLength: response.bodyCount,
            date: proxy.environment.date, persistence: persistence)
        let bytes = Bytes(head.withUnsafeBytes { ByteStorage(copying: $0) })
        return [.bytes(bytes)] + response.body.map(Flow.bytes)
    }

    // MARK: Exchanges in order

    /// Puts an answer of our own behind those that are owed, and ends the connection with it.
    func append(refusal response: HTTPResponse) {
        exchangeCount &+= 1
        let now = proxy.environment.now()
        let facts = HTTPExchange.Facts(
            refusal: response, client: stream.peer, start: now, inFlight: proxy.refused(),
            number: exchangeCount)
        let exchange = HTTPExchange(
            pipeline: Pipeline([]), closes: true, isRefusal: true,
            facts: proxy.environment.onRecord == nil ? nil : facts)
        exchange.receive(flows(response, .close) + [.end], at: now)
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
        var (count, exchange) = (0, waiting)
        while let current = exchange { (count, exchange) = (count + 1, current.next) }
        return count
    }

    /// Writes what may leave, in the order of the requests, and asks to be woken for the rest.
    private func flush() {
        while let first = waiting {
            write(first.takeReady())
            // Over when the kernel has taken it all: until then it can still be cut short.
            guard first.isComplete, stream.queuedBytes == 0, stream.isOpen else { break }
            waiting = first.next
            finish(first)
            if first.closes { return close() }
        }
        guard waiting != nil else { return becameIdle() }
        var (deadline, exchange) = (UInt64.max, waiting)
        while let current = exchange {
            deadline = min(deadline, current.deadline?.nanoseconds ?? .max)
            exchange = current.next
        }
        if deadline < .max { stream.wake(at: deadline) }
    }

    private func finish(_ exchange: HTTPExchange) {
        proxy.ended()
        guard let facts = exchange.facts else { return }
        record(facts, exchange.closes ? .fin : .keep)
    }

    private func becameIdle() {
        restartClock()
        if proxy.isDraining { return close() }
        // What is kept was sent before the FIN, and is served first.
        if flags.contains(.peerEnded), !flags.contains(.paused) { return close() }
        if let incoming, incoming.body != nil { awaitBody(incoming) }
    }

    // MARK: Writing

    private func write(_ flows: [Flow]) {
        // Head and body in one system call.
        let isCorked = flows.count > 1 && stream.cork()
        for flow in flows {
            switch flow {
            case .prepared(let response): write(response)
            case .bytes(let bytes): write(bytes)
            case .end: break
            }
        }
        if isCorked { stream.uncork() }
    }

    @inline(__always)
    private func write(_ response: PreparedResponse) {
        switch response.piece(date: proxy.environment.date, replace: MemoryFile.replace) {
        case .memory(let bytes): stream.write(bytes)
        case .file(let file, let offset, let count):
            let sent = stream.send(file: file, offset: offset, count: count)
            if sent < count { for bytes in response.rest(after: sent) { write(bytes) } }
            return
        }
        if response.pieceCount < response.count { write(response.body) }
    }

    private func write(_ bytes: Bytes) {
        if let memory = bytes.memory {
            // What is small is copied and so gathered.
            if memory.count < 4096 { return stream.write(memory) }
            stream.write(memory, owner: bytes.storage)
        } else {
            stream.write(
                file: bytes.storage.file, offset: Int64(bytes.offset), count: bytes.count,
                owner: bytes.storage)
        }
    }

    // MARK: Records

    private func facts(
        _ request: HTTPRequest, _ answer: SiteAnswer, _ attempt: UInt32?,
        _ faults: [FaultPlan.DrawnFault], _ inFlight: Int, at start: Instant
    ) -> HTTPExchange.Facts {
        HTTPExchange.Facts(
            request, answer, client: stream.peer, attempt: attempt, faults: faults, start: start,
            inFlight: inFlight, number: exchangeCount)
    }

    private func record(_ facts: HTTPExchange.Facts, _ ending: ExchangeRecord.Ending) {
        proxy.environment.onRecord?(
            ExchangeRecord(
                proxy: proxy.name, connection: number, exchange: facts.number,
                client: facts.client, method: facts.method, target: facts.target,
                attempt: facts.attempt, faults: facts.faults, status: facts.status,
                bytes: facts.bodyCount,
                duration: proxy.environment.now() - facts.start, inFlight: facts.inFlight,
                ending: ending))
    }
}
