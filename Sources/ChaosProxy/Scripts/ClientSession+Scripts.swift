import EventLoop
import Faults
import HTTPWire
import Records

// What a session does with scripts that answer in the place of the site or the backend. A script is
// the last thing that a connection has under way: nothing behind its request is read or drawn for
// until it is over, because it may end the connection, or answer what comes next.
extension ClientSession {
    /// Output of a script that may wait for the client, in bytes; above it nothing more is made.
    static var scriptMark: Int { 64 << 10 }
    /// Steps of a script in one turn of the loop.
    private static var stepsAtOnce: Int { 64 }

    // MARK: What answers

    /// Draws for a request, unless a script has waited for it.
    ///
    /// - Parameter number: of the request on its connection, from 1.
    func draw(
        _ target: UnsafeRawBufferPointer, _ request: HTTPRequest?, number: UInt32, inFlight: Int
    ) -> (faults: [FaultPlan.DrawnFault], attempt: UInt32?) {
        guard let awaiting = awaitingScript else {
            return proxy.draw(
                target, request, from: stream.peer?.host, number: number, inFlight: inFlight)
        }
        return ([awaiting.fault], proxy.attempt(at: target))
    }

    /// The script that answers an exchange with these faults; nil if none does, or another fault
    /// before it.
    func script(for faults: [FaultPlan.DrawnFault]) -> ScriptAnswer? {
        guard !faults.isEmpty else { return nil }
        if let awaiting = awaitingScript {
            set(awaitingScript: nil)
            return awaiting
        }
        for fault in faults {
            switch fault.effect {
            case .respond: return nil
            case .script: return ScriptAnswer(fault, held: proxy.environment.held)
            case .latency, .answer, .stage: break
            }
        }
        return nil
    }

    /// A script that waits for no request begins with the connection. What it does before the first
    /// one is a record of the connection.
    func greet(_ fault: FaultPlan.DrawnFault) {
        guard let script = ScriptAnswer(fault, held: proxy.environment.held) else { return }
        let facts = ExchangeFacts(
            faults: [fault], start: now, origin: proxy.environment.origin,
            inFlight: proxy.counters.inFlight, number: 0, traits: .connection)
        let exchange = Exchange(facts, [.own, .requestRead, .requestRisen, .requestSent])
        exchange.script = script
        append(exchange)
        script.begin()
        settle()
    }

    /// What a script is told of a request.
    func told(_ request: HTTPRequest) -> ScriptRequest {
        var told = ScriptRequest()
        told.target = String(decoding: request.target, as: UTF8.self)
        told.path = told.target
        told.authority =
            request.singleValue(of: "host").map { String(decoding: $0, as: UTF8.self) } ?? ""
        told.elsewhere = proxy.environment.elsewhere
        told.date = proxy.environment.date
        told.isHead = request.method == .head
        proxy.requestedFaults?.complete(&told, of: request)
        return told
    }

    /// The honest answer goes through as it is.
    func passUnharmed(_ exchange: Exchange, _ reason: String) {
        guard let script = exchange.script else { return }
        exchange.down.holdBack(false, at: now)
        exchange.script = nil
        proxy.environment.warn(
            of: .scripts,
            "\(proxy.name): connection \(number): \(script.fault.toxic.name) lets an answer pass "
                + "unharmed: \(reason)")
    }

    /// Whether another exchange may begin.
    var hasPlace: Bool {
        var (count, isFree) = (0, true)
        forEachExchange { exchange in
            count += 1
            // What an answer is made of while others are served is one for each connection.
            if exchange.progress.contains(.scripted) || exchange.late != nil { isFree = false }
        }
        return isFree && count < Self.maximumPending
    }

    /// Whether a script has the connection to itself.
    var isScripted: Bool {
        var isScripted = false
        forEachExchange { if $0.progress.contains(.scripted) { isScripted = true } }
        return isScripted
    }

    // MARK: At work

    /// Lets the script of the exchange whose turn it is go on: as far as the client takes it, but
    /// not all at once, because others wait.
    func play(_ script: ScriptAnswer, of exchange: Exchange) {
        guard script.stage == .running else { return }
        flags.remove(.pumping)
        script.wake = nil
        let last = script.made + Self.scriptMark
        var barren = 0
        for _ in 0..<Self.stepsAtOnce where script.made < last {
            guard stream.isOpen, exchange.cut == nil else { return }
            let before = script.made
            let room = min(room(for: exchange), last - script.made)
            for action in script.go(at: now, room: room) { perform(action, script, exchange) }
            write(exchange)
            if script.stage == .over { return exchange.down.holdBack(false, at: now) }
            guard goesOn(script, exchange) else { return }
            // It works and makes nothing: others wait.
            if script.made == before { barren += 1 }
            if barren == 4 { break }
        }
        flags.insert(.pumping)
    }

    /// - Returns: whether it can go on at once.
    private func goesOn(_ script: ScriptAnswer, _ exchange: Exchange) -> Bool {
        switch script.outlook {
        case .over:
            perform(.end, script, exchange)
            exchange.down.holdBack(false, at: now)
            write(exchange)
            return false
        case .hasMore:
            exchange.down.holdBack(false, at: now)
            if room(for: exchange) > 0 { return true }
            script.wake = script.deadline
            return false
        case .waits where script.awaitsFirst:
            perform(.awaitRequest, script, exchange)
            exchange.down.holdBack(false, at: now)
            return false
        case .waits:
            if script.isReleased { return skipWait(until: script.deadline, script, exchange) }
            exchange.down.holdBack(true, at: now)
            script.noteWait()
            script.wake = script.deadline
            return false
        }
    }

    /// Its toxic is gone: it waits no more, and what would wait for ever ends.
    private func skipWait(
        until deadline: Instant?, _ script: ScriptAnswer, _ exchange: Exchange
    ) -> Bool {
        exchange.down.holdBack(false, at: now)
        guard let deadline else {
            perform(.cut(.fin), script, exchange)
            return false
        }
        script.skip(to: deadline, at: now)
        return true
    }

    private func room(for exchange: Exchange) -> Int {
        let isMuch = exchange.down.heldBytes > Self.highMark
        if exchange.down.isFull || isMuch && proxy.environment.held.isTooMuch { return 0 }
        return max(Self.scriptMark - stream.queuedBytes - exchange.down.readyBytes, 0)
    }

    private func perform(_ action: ScriptAction, _ script: ScriptAnswer, _ exchange: Exchange) {
        guard script.stage == .running else { return }
        let now = now
        switch action {
        case .head(let status, let line, let promised):
            note(status, line, promised, script, exchange)
        case .bytes(let bytes):
            script.noteMade(bytes.count)
            exchange.down.receive(.bytes(bytes), at: now)
        case .cut(let cut):
            endRequests()
            script.end()
            exchange.down.receive(.cut(cut), at: now)
        case .half:
            endRequests()
            script.noteHalfClosed()
            exchange.down.receive(.end, at: now)
        case .awaitRequest:
            script.end()
            if phase == .open { set(awaitingScript: script) }
            endAnswer(exchange, at: now)
        case .end:
            script.end()
            if script.isHalfClosed { return exchange.down.receive(.cut(.fin), at: now) }
            endAnswer(exchange, at: now)
        }
    }

    private func endAnswer(_ exchange: Exchange, at now: Instant) {
        exchange.progress.insert(.replyRead)
        exchange.down.receive(.boundary, at: now)
    }

    /// The first head that is no interim one has the status.
    private func note(
        _ status: HTTPStatus?, _ line: Int, _ promised: Int?, _ script: ScriptAnswer,
        _ exchange: Exchange
    ) {
        guard !exchange.facts.isAnswered, status?.code ?? 200 >= 200 else { return }
        script.noteStatus(status)
        exchange.facts.answers(
            status, within: Int(exchange.replyBytes) + script.made + line)
        exchange.facts.promised = promised
    }

    /// Our FIN has its turn, behind all that was made before: nothing can reach the client any
    /// more, which is still heard.
    func halfClose(_ exchange: Exchange) {
        guard let script = exchange.script else { return }
        if !script.hasFinished { stream.finish() }
        script.noteFinished()
        if stream.queuedBytes == 0 { finish(exchange, .fin) }
    }

    // MARK: What happens meanwhile

    /// The client has ended its side, and is not gone.
    func tellScriptsOfEnd() {
        let now = now
        forEachExchange { exchange in
            guard let script = exchange.script else { return }
            // Both ends of the connection have ended then.
            if script.hasFinished {
                script.end()
                exchange.down.receive(.cut(.fin), at: now)
            } else {
                script.clientEnded(at: now)
            }
        }
    }

    /// Toxics are gone: their scripts wait no more.
    func releaseScripts(except names: Set<String>) {
        if let awaiting = awaitingScript, !awaiting.fault.toxic.remains(among: names) {
            set(awaitingScript: nil)
        }
        forEachExchange { exchange in
            guard let script = exchange.script, !script.fault.toxic.remains(among: names) else {
                return
            }
            script.release()
            if script.isAsking { stopAsking(exchange, "its toxic is gone") }
        }
    }

    /// What the script of an exchange that is over now has come to.
    func tellScript(of exchange: Exchange, _ ending: ExchangeRecord.Ending) {
        guard let script = exchange.script, script.stage != .before else { return }
        let hasEnded: Bool =
            switch ending {
            case .fin, .rst: exchange.cut != nil || script.isHalfClosed
            case .keep, .clientFin, .clientRST, .timeout, .backendRefused, .backendFin,
                .backendRST, .backendMalformed, .upgraded, .error:
                false
            }
        exchange.facts.noteScript(
            hasMet: hasEnded || script.hasWaited, saysStatus: script.saysStatus)
    }
}
