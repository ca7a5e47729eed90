import EventLoop
import Faults
import Names
import Records

/// One question over UDP that meets a plan, or has to wait for its place. Loop thread only.
final class DatagramSession: Session {
    /// Questions of a proxy that may wait for their answers; further ones get none.
    static let maximumWaiting = 10_000

    private let zone: Zone
    /// Strong: it answers also when it hears nothing more.
    private let listener: DatagramListener
    private let peer: SocketAddress
    private var alarm: ProxyEnvironment.Alarm?
    /// Waits for its place.
    private var query: NameQuery?
    private var exchange: NameExchange?

    init(_ zone: Zone, _ listener: DatagramListener, _ peer: SocketAddress, proxy: Proxy) {
        (self.zone, self.listener, self.peer) = (zone, listener, peer)
        super.init(proxy: proxy, peer: peer, isConnection: false)
    }

    override var isConnection: Bool { false }

    private var now: Instant { proxy.environment.now() }

    // MARK: Serving

    /// Answers what is no question.
    func refuse(_ reply: NameReply) {
        proxy.malformed(self)
        answer(reply, to: nil)
    }

    private func answer(
        _ reply: NameReply, to query: NameQuery?, waitedSince: Instant? = nil,
        _ refusal: ExchangeRecord.Refusal? = nil
    ) {
        let sent = send(reply)
        var facts = proxy.facts(query, reply, sent: sent, number: 1, waitedSince: waitedSince)
        facts.refusal = refusal
        if refusal != nil, sent == 0 { facts.traits.insert(.refusedByEnd) }
        proxy.record(&facts, of: self, sent == 0 ? .fin : .keep, at: now)
    }

    func serve(_ query: NameQuery) {
        guard index >= 0 || proxy.connectionCount < Self.maximumWaiting else {
            return refuse(query, .drop, Proxy.Refused(reason: .maxConcurrency, retryAfter: nil))
        }
        guard mustAsk else { return serve(query, waitedSince: nil) }
        switch proxy.admission(of: self) {
        case .serve(let since): serve(query, waitedSince: since)
        case .refuse(let refused):
            let status = proxy.status(of: refused.reason)
            refuse(query, status == nil ? .drop : .refused, refused)
        case .wait:
            self.query = query
            stay()
        }
    }

    private func refuse(_ query: NameQuery, _ fault: NameFault, _ refused: Proxy.Refused) {
        var reply = NameReply(to: query, from: zone, over: .datagram)
        _ = reply.strike(fault)
        answer(reply, to: query, waitedSince: refused.waitedSince, refused.reason)
        leave()
    }

    private func serve(_ query: NameQuery, waitedSince: Instant?) {
        self.query = nil
        exchange = proxy.exchange(
            query, from: zone, over: .datagram, of: self, number: 1, waitedSince: waitedSince)
        settle()
    }

    /// Answers, if the time has come.
    private func settle() {
        guard let exchange else { return }
        guard exchange.due <= now else {
            stay()
            return setAlarm(exchange.due)
        }
        let sent = send(exchange.reply)
        exchange.left(sent)
        end(sent > 0 || exchange.reply.delivery == .never ? .keep : .error)
    }

    /// - Returns: how many bytes were sent.
    private func send(_ reply: NameReply) -> Int {
        var (reply, bytes) = (reply, [UInt8]())
        reply.append(to: &bytes)
        guard !bytes.isEmpty else { return 0 }
        let isSent =
            reply.delivery == .fromElsewhere
            ? listener.sendFromElsewhere(bytes, to: peer) : listener.send(bytes, to: peer)
        guard isSent else { return 0 }
        proxy.countAnswered(bytes.count)
        return bytes.count
    }

    private func end(_ ending: ExchangeRecord.Ending) {
        if let query {
            self.query = nil
            proxy.stopWaiting(query, from: zone, over: .datagram, of: self, number: 1, ending)
        }
        if let exchange { proxy.finish(exchange, of: self, ending) }
        exchange = nil
        leave()
    }

    // MARK: Waiting

    /// The proxy keeps it until it is over.
    private func stay() {
        if index < 0 { proxy.keep(self) }
    }

    private func leave() {
        query = nil
        setAlarm(nil)
        alarm = nil
        proxy.leaveQueue(self)
        guard index >= 0 else { return }
        proxy.remove(self)
        index = -1
    }

    private func setAlarm(_ time: Instant?) {
        guard time != nil || alarm != nil else { return }
        let set = alarm ?? proxy.environment.makeAlarm? { [weak self] in self?.woke() }
        alarm = set
        set?(time)
    }

    private func woke() {
        if let query { return serve(query) }
        settle()
    }

    // MARK: What the proxy asks for

    override func admitted() { setAlarm(now) }
    override var isOwing: Bool { true }
    override func planChanged() {
        exchange?.keep(only: proxy.plan.names)
        settle()
    }
    override func close() { end(.fin) }
    override func reset() { end(.rst) }
    override func drain() {
        guard query != nil else { return }
        proxy.queue.expire(self)
    }

    override func forEachRunning(_ body: (RunningExchange) -> Void) {
        guard let exchange else { return }
        body(running(exchange.facts, isWaiting: false))
    }

    override func waitingRequest(since: Instant) -> RunningExchange? {
        guard let query else { return nil }
        let reply = NameReply(to: query, from: zone, over: .datagram)
        let facts = proxy.facts(query, reply, sent: 0, number: 1, waitedSince: since)
        return running(facts, isWaiting: true)
    }

    private func running(_ facts: ExchangeFacts, isWaiting: Bool) -> RunningExchange {
        RunningExchange(
            facts, proxy: proxy.name, connection: number, client: client, isWaiting: isWaiting)
    }
}
