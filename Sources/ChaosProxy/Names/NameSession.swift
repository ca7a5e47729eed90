import EventLoop
import Faults
import Names
import Records

/// One client connection of a name server: messages behind their lengths (RFC 1035 §4.2.2), many
/// under way at once, each answered when it is due (RFC 7766 §6.2.1.1). Loop thread only.
final class NameSession<Stream: ByteStream>: Session {
    /// Questions of one connection that may be under way; above it no more are read.
    static var maximumPending: Int { 64 }
    /// Output that may wait, in bytes; above it no more is read.
    static var highMark: Int { 256 << 10 }

    let stream: Stream
    private let zone: Zone
    /// What has come and is not served yet.
    private var input: [UInt8] = []
    /// In the order of their coming.
    private var pending: [NameExchange] = []
    private var output = NameOutput()
    /// The question that waits for its place.
    private var query: NameQuery?
    private var count: UInt32 = 0
    /// The tick at which what it waits for has lasted too long.
    private var expiresAt: UInt32
    /// Whether nothing more is served: it ends behind what is under way.
    private var isEnding = false
    private var isTimedOut = false
    /// Whether the client has sent its FIN.
    private var hasEnded = false
    private var isServing = false

    init(stream: Stream, zone: Zone, proxy: Proxy, index: Int32 = -1, peer: SocketAddress? = nil) {
        (self.stream, self.zone) = (stream, zone)
        expiresAt = proxy.environment.tick &+ proxy.limits.idle &+ 1
        super.init(proxy: proxy, index: index, peer: peer ?? stream.peer)
    }

    private var now: Instant { proxy.environment.now() }

    // MARK: What the connection says

    override func received(_ bytes: UnsafeRawBufferPointer) {
        proxy.countAsked(bytes.count)
        let isFirst = input.isEmpty
        input.append(contentsOf: bytes)
        if isFirst { restartClock() }
        settle()
    }

    override func receivedEnd() {
        hasEnded = true
        settle()
    }

    override func drained() { settle() }

    override func woke(at now: UInt64) {
        if let query, !standing.isDisjoint(with: [.granted, .expired]) {
            self.query = nil
            serve(query)
        }
        settle()
    }

    override func closed(_ ending: ConnectionEnding) {
        let record = Self.ending(ending, isTimedOut: isTimedOut, hasEnded: hasEnded)
        let isClients = record == .clientFin || record == .clientRST
        for exchange in pending {
            if isClients { exchange.facts.traits.insert(.givenUp) }
            proxy.finish(exchange, of: self, record)
        }
        pending = []
        (isEnding, query) = (true, nil)
        proxy.left(self)
        proxy.remove(self)
    }

    private static func ending(
        _ ending: ConnectionEnding, isTimedOut: Bool, hasEnded: Bool
    ) -> ExchangeRecord.Ending {
        switch ending {
        case .fin: hasEnded ? .clientFin : .fin
        case .rst: isTimedOut ? .timeout : .rst
        case .peerReset: .clientRST
        case .failed: .error
        }
    }

    // MARK: Reading

    private var hasRoom: Bool {
        !isEnding && query == nil && pending.count < Self.maximumPending
            && stream.queuedBytes + output.count < Self.highMark
    }

    /// Serves what is complete, and there is room for.
    private func read() {
        guard !isServing else { return }
        isServing = true
        var used = 0
        while hasRoom, stream.isOpen, let message = message(behind: used) {
            used = message.upperBound
            take(Array(input[message]))
        }
        isServing = false
        input.removeFirst(used)
        if used > 0 { restartClock() }
        if hasRoom { stream.resumeReading() } else { stream.pauseReading() }
    }

    /// Where the next one lies; nil if it is not complete.
    private func message(behind used: Int) -> Range<Int>? {
        guard input.count - used >= 2 else { return nil }
        let count = Int(input[used]) << 8 | Int(input[used + 1])
        guard input.count - used - 2 >= count else { return nil }
        return used + 2..<used + 2 + count
    }

    private func take(_ message: [UInt8]) {
        switch message.withUnsafeBytes({ NameQuery.read($0, over: .stream) }) {
        case .nothing: proxy.malformed(self)
        case .mistake(let reply):
            proxy.malformed(self)
            answer(reply, to: nil)
        case .query(let query): serve(query)
        }
    }

    // MARK: Serving

    private func serve(_ query: NameQuery) {
        guard mustAsk else { return serve(query, waitedSince: nil) }
        switch proxy.admission(of: self) {
        case .serve(let since): serve(query, waitedSince: since)
        case .refuse(let refused): refuse(query, refused)
        case .wait: self.query = query
        }
    }

    private func serve(_ query: NameQuery, waitedSince: Instant?) {
        count &+= 1
        pending.append(
            proxy.exchange(
                query, from: zone, over: .stream, of: self, number: count,
                waitedSince: waitedSince))
        answerDue()
    }

    private func refuse(_ query: NameQuery, _ refused: Proxy.Refused) {
        var reply = NameReply(to: query, from: zone, over: .stream)
        let isEnd = proxy.status(of: refused.reason) == nil
        _ = reply.strike(isEnd ? .drop : .refused)
        answer(reply, to: query, refused)
        if isEnd { isEnding = true }
    }

    /// Answers at once, without a plan.
    private func answer(_ reply: NameReply, to query: NameQuery?, _ refused: Proxy.Refused? = nil) {
        count &+= 1
        var reply = reply
        let sent = output.append(&reply)
        var facts = proxy.facts(
            query, reply, sent: sent, number: count, waitedSince: refused?.waitedSince)
        facts.refusal = refused?.reason
        if refused != nil, sent == 0 { facts.traits.insert(.refusedByEnd) }
        proxy.record(&facts, of: self, sent == 0 ? .fin : .keep, at: now)
    }

    /// Brings it up to date after anything has happened.
    private func settle() {
        guard stream.isOpen else { return }
        read()
        answerDue()
        write()
        guard stream.isOpen else { return }
        read()
        let isDone = pending.isEmpty && query == nil && output.isEmpty
        if isDone, isEnding || hasEnded { return stream.close(lingering: !hasEnded) }
        schedule()
    }

    private func answerDue() {
        let now = now
        var waiting: [NameExchange] = []
        for exchange in pending {
            guard exchange.due <= now else {
                waiting.append(exchange)
                continue
            }
            exchange.left(output.append(&exchange.reply))
            proxy.finish(exchange, of: self)
        }
        pending = waiting
    }

    private func write() {
        let bytes = output.take(at: now)
        guard !bytes.isEmpty, stream.isOpen else { return }
        proxy.countAnswered(bytes.count)
        bytes.withUnsafeBytes { stream.write($0) }
    }

    private func schedule() {
        let dues = pending.map(\.due) + [output.due].compactMap(\.self)
        if let next = dues.min() { stream.wake(at: next.nanoseconds) }
    }

    private func restartClock() {
        let limits = proxy.limits
        let limit = input.isEmpty ? limits.idle : limits.head
        expiresAt = proxy.environment.tick &+ limit &+ 1
    }

    // MARK: What the proxy asks for

    override func checkTimeLimits(_ now: UInt64) {
        if let since = stream.stalledSince,
            now - min(since, now) > UInt64(proxy.limits.stalledSend) * 1_000_000_000
        {
            isTimedOut = true
            return stream.reset()
        }
        guard pending.isEmpty, query == nil, output.isEmpty, stream.queuedBytes == 0,
            proxy.environment.tick >= expiresAt
        else { return }
        isEnding = true
        settle()
    }

    override var isOwing: Bool { !pending.isEmpty || query != nil || !output.isEmpty }
    override func admitted() { stream.wake(at: now.nanoseconds) }
    override func reset() { stream.reset() }
    override func close() { stream.close(lingering: !hasEnded) }

    override func drain() {
        if query != nil { proxy.queue.expire(self) }
        isEnding = true
        settle()
    }

    override func planChanged() {
        let names = proxy.plan.names
        for exchange in pending { exchange.keep(only: names) }
        settle()
    }

    override func forEachRunning(_ body: (RunningExchange) -> Void) {
        guard !standing.contains(.via) else { return }
        for exchange in pending { body(running(exchange.facts, isWaiting: false)) }
    }

    override func waitingRequest(since: Instant) -> RunningExchange? {
        guard let query else { return nil }
        let reply = NameReply(to: query, from: zone, over: .stream)
        let facts = proxy.facts(
            query, reply, sent: 0, number: count &+ 1, waitedSince: since)
        return running(facts, isWaiting: true)
    }

    private func running(_ facts: ExchangeFacts, isWaiting: Bool) -> RunningExchange {
        RunningExchange(
            facts, proxy: proxy.name, connection: number, client: client, isWaiting: isWaiting)
    }
}
