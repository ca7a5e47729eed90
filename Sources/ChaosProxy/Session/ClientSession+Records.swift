import EventLoop
import Faults
import HTTPWire
import Records

// What a session tells of its exchanges: when each is over, and how.
extension ClientSession {
    /// It is over: it leaves the flight, gives its place to the next, and has its record.
    func finish(_ exchange: Exchange, _ ending: ExchangeRecord.Ending) {
        guard exchange.progress.isDisjoint(with: [.greeting, .recorded]) else { return }
        exchange.progress.insert(.recorded)
        if exchange.facts.traits.contains(.connection) { flags.insert(.recorded) }
        exchange.tellFaults()
        tellScript(of: exchange, ending)
        let isHeld = exchange.closes && exchange.isOver && endHeldSince != nil
        let endHeld = isHeld && exchange.facts.noteHeldEnd() ? endHeldSince : nil
        if exchange.isHolding || endHeld != nil, Self.isClients(ending) {
            exchange.facts.traits.insert(.givenUp)
        }
        if exchange.facts.isInjected { proxy.injected(self) }
        leaveFlight(exchange)
        let now = now
        let kept =
            exchange.facts.traits.contains(.connection) ? lifetime?.kept(until: now) ?? 0 : 0
        let held = exchange.held(until: now) &+ kept &+ (endHeld.map { now - min($0, now) } ?? 0)
        record(&exchange.facts, ending, held: held, at: now)
    }

    /// - Parameter held: how long faults have held something of it.
    func record(
        _ facts: inout ExchangeFacts, _ ending: ExchangeRecord.Ending, held: Nanoseconds = 0,
        at now: Instant
    ) {
        if facts.isRefused(ending) { proxy.counters.refused += 1 }
        guard proxy.environment.isRecorded else { return }
        var record = ExchangeRecord(proxy: proxy.name)
        sign(&record)
        facts.tell(&record, ending, held: held, at: now)
        proxy.environment.record(consume record, of: proxy, at: now)
    }

    static func isClients(_ ending: ExchangeRecord.Ending) -> Bool {
        ending == .clientFin || ending == .clientRST
    }

    /// It is under way no more, whatever may still leave.
    func leaveFlight(_ exchange: Exchange) {
        guard exchange.progress.remove(.counted) != nil else { return }
        proxy.ended(self, at: now)
    }

    /// What the connection's end has cut short, all of it.
    func finishAll() {
        finishConnection()
        if lifetime?.isKeptOut == true || lifetime?.cut != nil { finishArrival(ending(of: nil)) }
        forEachExchange { finish($0, ending(of: $0)) }
        if !handsOver { first = nil }
        set(awaitingScript: nil)
        stopWaiting()
    }

    /// How the connection stands for an exchange that is over now, by the first reason there was.
    func ending(of exchange: Exchange?) -> ExchangeRecord.Ending {
        if flags.contains(.failed) { return .error }
        if exchange?.progress.contains(.upgraded) == true { return .upgraded }
        let isNonsense = exchange?.facts.traits.contains(.backendMalformed) == true
        if clientSide.contains(.reset) {
            // Whoever leaves then, that is the reason.
            if isNonsense { return .backendMalformed }
            return clientSide.contains(.ended) ? .clientFin : .clientRST
        }
        if flags.contains(.timedOut) { return .timeout }
        if flags.contains(.cutByReset) { return .rst }
        if flags.contains(.cut) { return .fin }
        if isNonsense { return .backendMalformed }
        if flags.contains(.gone) { return .clientFin }
        if let exchange, exchange === first, exchange.isOver { return .fin }
        return backendsEnding ?? (clientSide.contains(.ended) ? .clientFin : .fin)
    }

    private var backendsEnding: ExchangeRecord.Ending? {
        if flags.contains(.backendRefused) { return .backendRefused }
        if backendSide.contains(.reset) { return .backendRST }
        return backendSide.contains(.endedFirst) ? .backendFin : nil
    }

    /// The client has sent its FIN while it is owed something.
    ///
    /// - Returns: whether it is known to be gone: then nobody is owed anything.
    func clientHasLeft() -> Bool {
        switch stream.peerHasGone {
        case true?:
            advance(to: .refusing)
            noteGone()
            finishAll()
            return true
        case false?: return false
        case nil:
            // Of one that may have gone nothing is known: it is answered, and keeps no place.
            forEachExchange(leaveFlight)
            return false
        }
    }

    /// The client does not exist any more: what is still with us or with our kernel it never gets.
    func noteGone() {
        flags.insert(.gone)
        let lost = stream.queuedBytes + stream.unacknowledgedBytes
        if lost > 0 { self.lost(lost, untaken: stream.queuedBytes) }
    }

    /// Closes the connection of one that is gone.
    func closeGone() {
        if stream.queuedBytes > 0 { stream.reset() } else { stream.close(lingering: false) }
    }

    /// One that begins for a client that may be gone keeps no place.
    func leaveFlightIfGone(_ exchange: Exchange) {
        guard clientSide.contains(.ended), stream.peerHasGone == nil else { return }
        leaveFlight(exchange)
    }

    // MARK: What it begins with

    static var longLabel: String {
        "X-Flagserver-Label is longer than \(RecordOrigin.maximumLabel) bytes"
    }

    static func hasLongLabel(_ request: HTTPRequest) -> Bool {
        request.label.map { $0.utf8.count > RecordOrigin.maximumLabel } ?? false
    }

    /// A request begins, or is complete, and is let in.
    func facts(
        _ request: HTTPRequest, attempt: UInt32?, _ faults: [FaultPlan.DrawnFault],
        waitedSince: Instant? = nil, inFlight: Int, at now: Instant
    ) -> ExchangeFacts {
        facts(
            method: request.methodText, target: request.target, of: request, attempt: attempt,
            faults, waitedSince: waitedSince, inFlight: inFlight, at: now)
    }

    /// - Parameter request: nil if it is none of HTTP.
    func facts(
        method: UnsafeRawBufferPointer, target: UnsafeRawBufferPointer,
        of request: HTTPRequest?, attempt: UInt32?, _ faults: [FaultPlan.DrawnFault],
        waitedSince: Instant? = nil, inFlight: Int,
        at now: Instant
    ) -> ExchangeFacts {
        let isRecorded = proxy.environment.isRecorded
        return ExchangeFacts(
            method: isRecorded ? ExchangeRecord.text(method) : "",
            target: isRecorded ? text(target) : "", attempt: attempt,
            faults: faults, start: now, waitedSince: waitedSince,
            origin: proxy.environment.origin(of: request), inFlight: inFlight,
            number: exchangeCount, traits: proxy.protocol == .http ? .hasContent : [])
    }

    private func text(_ target: UnsafeRawBufferPointer) -> String {
        proxy.protocol == .http
            ? ExchangeRecord.text(target) : proxy.protocol.traits.text(target)
    }

    /// Of what is no request.
    func ownFacts(
        _ traits: ExchangeFacts.Traits, target: String = "", at now: Instant
    ) -> ExchangeFacts {
        exchangeCount &+= 1
        return ExchangeFacts(
            target: target, start: now, origin: proxy.environment.origin,
            inFlight: proxy.counters.inFlight, number: exchangeCount, traits: traits)
    }
}

extension SiteSession {
    /// Without anything in between: most exchanges of LOCAL end where they began.
    func recordPlain(
        _ request: HTTPRequest, _ response: PreparedResponse, _ inFlight: Int, _ start: Instant,
        _ now: Instant
    ) {
        var record = ExchangeRecord(proxy: proxy.name)
        sign(&record)
        tell(&record, of: request, response, inFlight, now - start)
        proxy.environment.record(consume record, of: proxy, at: now)
    }

    @inline(__always)
    private func tell(
        _ record: inout ExchangeRecord, of request: HTTPRequest, _ response: PreparedResponse,
        _ inFlight: Int, _ duration: Nanoseconds
    ) {
        record.exchange = exchangeCount
        record.method = request.method == .get ? "GET" : ExchangeRecord.text(request.methodText)
        record.target =
            request.isFor(response.target)
            ? response.target : ExchangeRecord.text(request.target)
        record.status = RecordStatus(response.status)
        (record.bytesPromised, record.bytesSent) = (response.body.count, response.body.count)
        (record.duration, record.inFlight) = (duration, inFlight)
        if !request.keepsAlive { record.ending = .fin }
    }
}
