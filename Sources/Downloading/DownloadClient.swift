public import EventLoop
public import HTTPWire

/// Asks HTTP/1.1 servers over a bounded number of connections that are kept. Loop thread only.
public final class DownloadClient {
    /// Connections that are begun in one turn of the loop: meanwhile those that are there may be
    /// free again.
    private static let maximumBegun = 4

    public let limits: DownloadLimits
    let loop: EventLoop
    private let resolver: Resolver
    private lazy var nextTurn = Timer(on: loop) { [weak self] in self?.turn() }
    private lazy var nextPause = Timer(on: loop) { [weak self] in self?.paused() }
    private var idle: [DownloadConnection] = []
    /// In use, by identity.
    private var busy: [ObjectIdentifier: DownloadConnection] = [:]
    /// Closed, or about to be: they have to hear of it.
    private var leaving: [ObjectIdentifier: DownloadConnection] = [:]
    private var dials: [ObjectIdentifier: DownloadDial] = [:]
    /// By host and port, of which there are few.
    private var addresses: [String: [SocketAddress]] = [:]
    private static let maximumAddresses = 1000
    private var waiting: [DownloadExchange] = []
    /// How many of `waiting` have been taken.
    private var taken = 0
    private var begunInTurn = 0
    private var isAwaitingTurn = false
    private var isPausing = false
    private var pace: ConnectionPace
    private var contentHeld = 0
    /// While somebody hears of an answer: what is asked for then is sent right after.
    private var isTelling = false

    public init(on loop: EventLoop, limits: DownloadLimits) {
        (self.loop, self.limits) = (loop, limits)
        pace = ConnectionPace(isSparing: limits.sparesConnections)
        resolver = Resolver(on: loop)
    }

    /// Requests that have been sent or are about to be.
    public var inFlight: Int { busy.count + dials.count }

    deinit {
        stop()
        leaving = [:]  // while the loop is still there
    }

    /// Asks for `url`, as soon as there is a connection for it.
    ///
    /// - Parameters:
    ///   - fields: beside those that every request has.
    ///   - maximum: of content, in bytes, if it is less than the limit.
    ///   - keepsContent: whether the answer is to have its content.
    ///   - completion: called once, after this has returned, unless `stop()` comes first.
    public func get(
        _ url: DownloadURL, fields: [HTTPField] = [], maximum: Int? = nil,
        keepsContent: Bool = true,
        completion: @escaping (DownloadAnswer) -> Void
    ) {
        let now = loop.now
        let (end, overflows) = now.addingReportingOverflow(limits.total)
        waiting.append(
            DownloadExchange(
                url, fields: fields, maximum: min(maximum ?? .max, limits.content),
                keepsContent: keepsContent, from: now,
                to: overflows ? .max : end, completion: completion))
        if !isTelling { awaitTurn() }
    }

    /// Ends everything; nobody hears of it.
    public func stop() {
        waiting = []
        taken = 0
        nextTurn.cancel()
        nextPause.cancel()
        (isAwaitingTurn, isPausing) = (false, false)
        for dial in dials.values { dial.cancel() }
        dials = [:]
        for connection in idle + busy.values { connection.close() }
        (idle, busy) = ([], [:])
    }

    // MARK: Turns

    private func awaitTurn() {
        guard !isAwaitingTurn else { return }
        isAwaitingTurn = true
        nextTurn.schedule(after: 0)
    }

    private func turn() {
        isAwaitingTurn = false
        begunInTurn = 0
        serve()
    }

    private func awaitPause() {
        guard !isPausing else { return }
        isPausing = true
        nextPause.schedule(after: ConnectionPace.pause)
    }

    private func paused() {
        isPausing = false
        // While nothing waits, a pause says nothing.
        guard taken < waiting.count, inFlight < limits.connections else { return }
        pace.notePause()
        turn()
    }

    /// Sends what waits, as far as there are connections.
    private func serve() {
        while taken < waiting.count, inFlight < limits.connections {
            guard let exchange = nextToSend() else {
                return inFlight + idle.count < pace.allowed ? awaitTurn() : awaitPause()
            }
            if !exchange.wasStale, let connection = free(for: exchange.url.host) {
                send(exchange, over: connection)
            } else {
                dial(exchange)
            }
        }
    }

    /// - Returns: nil if it would need one more connection than there may be, or than are begun in
    ///   a turn.
    private func nextToSend() -> DownloadExchange? {
        let exchange = waiting[taken]
        let hasFree = !exchange.wasStale && idle.contains { $0.host == exchange.url.host }
        let mayBegin = inFlight + idle.count < pace.allowed && begunInTurn < Self.maximumBegun
        guard hasFree || mayBegin else { return nil }
        taken += 1
        if taken > 64, taken * 2 > waiting.count {
            waiting.removeFirst(taken)
            taken = 0
        }
        return exchange
    }

    private func free(for host: HostAndPort) -> DownloadConnection? {
        while let index = idle.lastIndex(where: { $0.host == host }) {
            let connection = idle.remove(at: index)
            if connection.isFresh { return connection }
            connection.close()
        }
        return nil
    }

    private func send(_ exchange: DownloadExchange, over connection: DownloadConnection) {
        busy[ObjectIdentifier(connection)] = connection
        connection.send(exchange)
    }

    // MARK: Connections

    private func dial(_ exchange: DownloadExchange) {
        begunInTurn += 1
        // Connections to another server make room.
        if idle.count + inFlight >= limits.connections, !idle.isEmpty { idle.removeFirst().close() }
        let host = exchange.url.host
        let dial = DownloadDial(
            host, known: addresses[host.description], resolver: resolver, patience: limits.patience,
            on: loop)
        dials[ObjectIdentifier(dial)] = dial
        dial.begin { [weak self, unowned dial] in self?.dialled(dial, for: exchange, $0) }
    }

    private func dialled(
        _ dial: DownloadDial, for exchange: DownloadExchange,
        _ result: Result<Int32, DownloadFailure>
    ) {
        guard dials.removeValue(forKey: ObjectIdentifier(dial)) != nil else { return }
        if addresses.count >= Self.maximumAddresses { addresses = [:] }
        addresses[dial.host.description] = dial.addresses
        switch result {
        case .success(let descriptor):
            send(exchange, over: DownloadConnection(descriptor, to: dial.host, of: self))
        case .failure(let failure):
            finish(exchange, failure)
            serve()
        }
    }

    func keep(_ connection: DownloadConnection) {
        leaving[ObjectIdentifier(connection)] = connection
    }

    func release(_ connection: DownloadConnection) {
        leaving[ObjectIdentifier(connection)] = nil
    }

    /// An idle connection has ended.
    func left(_ connection: DownloadConnection) {
        idle.removeAll { $0 === connection }
    }

    // MARK: Answers

    /// What all answers that are being read hold, in sum.
    func count(_ exchange: DownloadExchange) throws(DownloadFailure) {
        contentHeld += exchange.reader.content.count - exchange.counted
        exchange.counted = exchange.reader.content.count
        guard contentHeld <= limits.contentInAll else {
            throw DownloadFailure(
                .large, "all answers together have more than \(limits.contentInAll) bytes")
        }
    }

    /// - Parameter isFree: whether the connection goes on.
    func answered(
        _ exchange: DownloadExchange, _ failure: DownloadFailure?,
        by connection: DownloadConnection,
        isFree: Bool
    ) {
        busy[ObjectIdentifier(connection)] = nil
        if isFree { idle.append(connection) }
        contentHeld -= exchange.counted
        exchange.counted = 0
        pace.noteAnswer()
        if !exchange.wasStale, isStale(exchange, failure, connection) {
            // RFC 9112 §9.3.1: a GET may be sent again by itself.
            exchange.wasStale = true
            return again(exchange)
        }
        guard failure == nil else {
            finish(exchange, failure)
            return serve()
        }
        do throws(DownloadFailure) {
            if try exchange.follows(limit: limits.redirects) { return again(exchange) }
            finish(exchange, nil)
        } catch {
            finish(exchange, error)
        }
        serve()
    }

    /// Whether the server ended a kept connection while the request was on its way: by its end, or
    /// by the 408 that some say before it.
    private func isStale(
        _ exchange: DownloadExchange, _ failure: DownloadFailure?, _ connection: DownloadConnection
    ) -> Bool {
        guard let failure else {
            return connection.served > 1 && exchange.reader.head?.status == 408
        }
        return connection.served > 0 && !exchange.reader.hasBegun && failure.kind != .timeout
    }

    /// Before all that waits: it has begun already.
    private func again(_ exchange: DownloadExchange) {
        exchange.begin(at: exchange.url)
        if taken > 0 {
            taken -= 1
            waiting[taken] = exchange
        } else {
            waiting.insert(exchange, at: 0)
        }
        serve()
    }

    private func finish(_ exchange: DownloadExchange, _ failure: DownloadFailure?) {
        isTelling = true
        exchange.completion(exchange.answer(failure, at: loop.now))
        isTelling = false
    }
}
