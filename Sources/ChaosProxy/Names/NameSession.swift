import EventLoop
import Faults
import Names
import Records

/// One client connection of a name server: messages behind their lengths (RFC 1035 §4.2.2), many
/// under way at once, each answered when it is due (RFC 7766 §6.2.1.1). Loop thread only.
final class NameSession<Stream: ByteStream>: Session {
    /// Questions of one connection that may be under way; above it no more are read.
    static var maximumPending: Int { 64 }
    /// Messages that are read in one turn: others want theirs.
    static var maximumAtOnce: Int { 64 }
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
    /// The tick at which nothing has been asked for too long.
    private var idleEnd: UInt32
    /// The tick at which a message that has begun has taken too long to come.
    private var messageEnd: UInt32
    /// Of what was written when it ended, not even the kernel had taken so many bytes.
    private var untaken = 0
    /// Whether nothing more is served: it ends behind what is under way.
    private var isEnding = false
    private var isTimedOut = false
    /// Whether the client has sent its FIN.
    private var hasEnded = false
    private var isServing = false

    init(stream: Stream, zone: Zone, proxy: Proxy, peer: SocketAddress? = nil) {
        (self.stream, self.zone) = (stream, zone)
        idleEnd = proxy.environment.tick &+ proxy.limits.idle &+ 1
        messageEnd = idleEnd
        super.init(proxy: proxy, peer: peer ?? stream.peer)
    }

    private var now: Instant { proxy.environment.now() }

    // MARK: What the connection says

    override func received(_ bytes: UnsafeRawBufferPointer) {
        proxy.countAsked(bytes.count)
        if input.isEmpty { beginMessage() }
        input.append(contentsOf: bytes)
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

    override func lost(_ count: Int, untaken: Int) {
        self.untaken = untaken
        leave(allBut: untaken)
        output.lose(count - untaken)
    }

    override func closed(_ ending: ConnectionEnding) {
        if case .failed(let error) = ending { tellFailure(error) }
        let record = Self.ending(ending, isTimedOut: isTimedOut, hasEnded: hasEnded)
        leave(allBut: untaken)
        finishAll(record)
        for exchange in output.exchanges { proxy.finish(exchange, of: self, record) }
        proxy.left(self)
        proxy.remove(self)
    }

    /// Ends everything that is not written.
    private func finishAll(_ ending: ExchangeRecord.Ending) {
        isEnding = true
        if let query {
            self.query = nil
            count &+= 1
            proxy.stopWaiting(
                query, from: zone, over: .stream, of: self, number: count, ending)
        }
        let unfinished = output.cut() + pending
        pending = []
        for exchange in unfinished { proxy.finish(exchange, of: self, ending) }
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

    /// Whether there is more to be read at once.
    private var hasMore: Bool { hasRoom && message(behind: 0) != nil }

    /// Serves what is complete, and there is room for, but not too much at once.
    private func read() {
        guard !isServing else { return }
        isServing = true
        var (used, count, isUseful) = (0, 0, false)
        while count < Self.maximumAtOnce, hasRoom, stream.isOpen,
            let message = message(behind: used)
        {
            (used, count) = (message.upperBound, count + 1)
            if take(Array(input[message])) { isUseful = true }
        }
        isServing = false
        input.removeFirst(used)
        // What nobody can answer keeps no connection open.
        guard isUseful else { return }
        idleEnd = proxy.environment.tick &+ proxy.limits.idle &+ 1
        beginMessage()
    }

    private func beginMessage() {
        messageEnd = proxy.environment.tick &+ proxy.limits.head &+ 1
    }

    /// Where the next one lies; nil if it is not complete.
    private func message(behind used: Int) -> Range<Int>? {
        guard input.count - used >= 2 else { return nil }
        let count = Int(input[used]) << 8 | Int(input[used + 1])
        guard input.count - used - 2 >= count else { return nil }
        return used + 2..<used + 2 + count
    }

    /// - Returns: whether it is answered.
    private func take(_ message: [UInt8]) -> Bool {
        switch message.withUnsafeBytes({ NameQuery.read($0, over: .stream) }) {
        case .nothing:
            proxy.malformed(self)
            return false
        case .mistake(let reply):
            proxy.malformed(self)
            answer(reply, to: nil)
        case .query(let query): serve(query)
        }
        return true
    }

    // MARK: Serving

    private func serve(_ query: NameQuery) {
        guard mustAsk else { return serve(query, waitedSince: nil) }
        // An answer that may leave keeps no place from the next question.
        write()
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
        var facts = proxy.facts(
            query, reply, sent: 0, number: count, waitedSince: refused?.waitedSince)
        facts.refusal = refused?.reason
        let exchange = NameExchange(facts, reply, over: .stream, at: now, isCounted: false)
        guard !output.append(exchange) else { return }
        if refused != nil { exchange.facts.traits.insert(.refusedByEnd) }
        proxy.finish(exchange, of: self, .fin)
    }

    /// Brings it up to date after anything has happened.
    private func settle() {
        guard stream.isOpen else { return }
        read()
        answerDue()
        write()
        guard stream.isOpen else { return }
        if hasRoom, !hasMore { stream.resumeReading() } else { stream.pauseReading() }
        let isDone = !isOwing && !hasMore
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
            exchange.release(at: now)
            guard !output.append(exchange) else { continue }
            exchange.left(0)
            proxy.finish(exchange, of: self)
        }
        pending = waiting
    }

    private func write() {
        guard stream.isOpen else { return }
        let bytes = output.take(at: now)
        if !bytes.isEmpty {
            proxy.countAnswered(bytes.count)
            bytes.withUnsafeBytes { stream.write($0) }
        }
        // Of one that is lost, `lost` tells how much has left.
        if stream.isOpen { leave(allBut: stream.queuedBytes) }
    }

    /// Everything that was written has left, but for so many bytes.
    private func leave(allBut waiting: Int) {
        for exchange in output.leave(allBut: waiting) { proxy.finish(exchange, of: self) }
    }

    private func schedule() {
        let isAdmitted = query != nil && !standing.isDisjoint(with: [.granted, .expired])
        if hasMore || isAdmitted { return stream.wake(at: now.nanoseconds) }
        let dues = pending.map(\.due) + [output.due].compactMap(\.self)
        if let next = dues.min() { stream.wake(at: next.nanoseconds) }
    }

    // MARK: What the proxy asks for

    override func checkTimeLimits(_ now: UInt64) {
        if let since = stream.stalledSince,
            now - min(since, now) > UInt64(proxy.limits.stalledSend) * 1_000_000_000
        {
            isTimedOut = true
            return stream.reset()
        }
        guard !isOwing, !hasMore, stream.queuedBytes == 0,
            proxy.environment.tick >= (input.isEmpty ? idleEnd : messageEnd)
        else { return }
        isEnding = true
        settle()
    }

    override var isOwing: Bool { !pending.isEmpty || query != nil || !output.isEmpty }
    override func admitted() { stream.wake(at: now.nanoseconds) }
    override func reset() { stream.reset() }
    override func close() {
        finishAll(.fin)
        stream.close(lingering: !hasEnded)
    }

    override func drain() {
        if query != nil { proxy.queue.expire(self) }
        isEnding = true
        settle()
    }

    override func planChanged() {
        let names = proxy.plan.names
        for exchange in output.exchanges + pending { exchange.keep(only: names) }
        settle()
    }

    override func forEachRunning(_ body: (RunningExchange) -> Void) {
        guard !standing.contains(.via) else { return }
        let exchanges = (output.exchanges + pending).filter(\.isCounted)
        for exchange in exchanges.sorted(by: { $0.facts.number < $1.facts.number }) {
            body(running(exchange.facts, isWaiting: false))
        }
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
