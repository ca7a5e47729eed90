import EventLoop
import HTTPWire

// The reading half of a session: from bytes to complete requests.
extension SiteSession {
    func read(_ bytes: UnsafeRawBufferPointer) {
        guard let incoming, !incoming.bytes.isEmpty else {
            let used = process(bytes)
            if used < bytes.count { keep(UnsafeRawBufferPointer(rebasing: bytes[used...])) }
            return forgetIncoming()
        }
        incoming.bytes.append(contentsOf: bytes)
        if flags.contains(.paused) {
            if incoming.bytes.count >= Self.highMark { stream.pauseReading() }
        } else if incoming.isWorthParsing() {
            processKept(incoming)
        }
    }

    /// Goes on with what had to wait, once there is room again.
    func readOn() {
        guard flags.contains(.paused), hasRoom else { return }
        if !standing.isDisjoint(with: [.granted, .expired]), stream.isOpen {
            return goOnAfterWait()
        }
        guard !standing.contains(.queued) else { return }
        flags.remove(.paused)
        if let incoming, !incoming.bytes.isEmpty { processKept(incoming) }
        if flags.contains(.paused) { return }
        stream.resumeReading()
        if clientSide.contains(.ended) { peerEnded() }
    }

    /// What is kept of a request goes when nothing of it is left.
    private func forgetIncoming() {
        guard let incoming, incoming.bytes.isEmpty, incoming.body == nil else { return }
        self.incoming = nil
    }

    func processKept(_ incoming: IncomingRequest) {
        var bytes: [UInt8] = []
        swap(&bytes, &incoming.bytes)
        flags.insert(.reading)
        let used = bytes.withUnsafeBytes(process)
        flags.remove(.reading)
        bytes.removeFirst(used)
        swap(&bytes, &incoming.bytes)
        if used > 0 {
            incoming.beginAnother()
            if first == nil { restartClock() }
        }
        forgetIncoming()
        // Only now can it be idle.
        if lifetime != nil, first == nil, phase == .open { settleAnswers() }
    }

    private func keep(_ bytes: UnsafeRawBufferPointer) {
        guard phase == .open else { return }
        let incoming = incoming ?? IncomingRequest()
        incoming.bytes.append(contentsOf: bytes)
        self.incoming = incoming
        if first == nil { restartClock() }
    }

    /// Begins the time limit of what the session now waits for. The tick is a whole second that
    /// has begun, so one more is allowed: no limit is shorter than it says.
    func restartClock() {
        let limits = proxy.limits
        let limit: UInt32 =
            if first != nil {
                .max
            } else if let incoming, incoming.body != nil || !incoming.bytes.isEmpty {
                incoming.body != nil ? limits.body : limits.head
            } else {
                limits.idle
            }
        expiresAt = limit == .max ? .max : proxy.environment.tick &+ limit &+ 1
    }

    /// Serves the requests that are complete.
    ///
    /// - Returns: how many bytes were used; the rest begins a request that is not complete, or has
    ///   to wait, or is refused.
    private func process(_ bytes: UnsafeRawBufferPointer) -> Int {
        var used = 0
        var isCorked = false
        let last = exchangeCount &+ Self.maximumTurn
        while used < bytes.count, phase == .open, stream.isOpen {
            if isCorked, !hasRoom { isCorked = letGo() }
            guard pauseUnlessRoom(), isMyTurn(until: last) else { break }
            let rest = UnsafeRawBufferPointer(rebasing: bytes[used...])
            guard let count = incoming?.body == nil ? readHead(rest) : readBody(rest) else { break }
            used += count
            if standing.contains(.queued) { break }
            if used < bytes.count, !isCorked {
                isCorked = stream.cork()
            }
        }
        if isCorked { _ = letGo() }
        guard phase > .open else { return used }
        flags.insert(.talkative)
        return bytes.count
    }

    /// Sends what was gathered: until then nothing of it has left.
    ///
    /// - Returns: whether more is gathered.
    private func letGo() -> Bool {
        stream.uncork()
        settleAnswers()
        return false
    }

    var hasRoom: Bool {
        stream.queuedBytes < Self.highMark
            && (first == nil || hasPlace || incoming?.body?.isAnswered == true)
    }

    /// After so many requests others have their turn.
    private func isMyTurn(until last: UInt32) -> Bool {
        guard exchangeCount == last else { return true }
        flags.insert(.paused)
        stream.pauseReading()
        wake(at: now.nanoseconds)
        return false
    }

    private func pauseUnlessRoom() -> Bool {
        if hasRoom { return true }
        flags.insert(.paused)
        // What follows a script waits for its end, but a client that leaves is to be noticed.
        if !isScripted { stream.pauseReading() }
        return false
    }

    /// - Returns: the bytes used; nil if the head is not complete.
    @inline(__always)
    private func readHead(_ bytes: UnsafeRawBufferPointer) -> Int? {
        var skipped = 0
        defer { proxy.environment.heads.giveBack() }
        do {
            guard let request = try proxy.environment.heads.parse(bytes, skipped: &skipped) else {
                return nil
            }
            let length = skipped + request.head.count
            if !request.traits.isDisjoint(with: [.expectsUnknown, .label]),
                let (status, reason) = refusal(of: request)
            {
                refuse(status, reason)
                return length
            }
            if let body = MessageBody(request.body) {
                if proxy.plan.beginsAtHead, beginsAtHead(request, body) { return length }
                begin(RequestBody(body, of: request, kept: proxy.maximumContent))
                return length
            }
            if length < bytes.count { flags.insert(.talkative) }
            return enter(request) ? length : nil
        } catch {
            // That it was TLS is all that can be told of such a request.
            refuse(
                error.status, error.description, target: error == .tls ? error.description : "")
            return nil
        }
    }

    /// What is wrong with a request that asks for more than others.
    private func refusal(of request: HTTPRequest) -> (HTTPStatus, String)? {
        if request.traits.contains(.expectsUnknown) {
            return (417, "the only expectation that can be met is 100-continue")
        }
        return Self.hasLongLabel(request) ? (400, Self.longLabel) : nil
    }

    /// Serves a complete request, or has it refused.
    ///
    /// - Returns: false if it has to wait and come again.
    @inline(__always)
    private func enter(_ request: HTTPRequest) -> Bool {
        guard !mustAsk else { return enterIfAdmitted(request) }
        serve(request)
        return true
    }

    /// Begins to read a body; the answer follows when it is complete.
    private func begin(_ body: RequestBody) {
        guard !body.isTooLarge else { return refuse(413, body.tooLarge) }
        let incoming = incoming ?? IncomingRequest()
        incoming.body = body
        self.incoming = incoming
        if first == nil { awaitBody(incoming) }
    }

    /// The clock of a body starts, and a client that waits for leave to send it gets it, when no
    /// answer is owed before it (RFC 9110 §10.1.1).
    func awaitBody(_ incoming: IncomingRequest) {
        restartClock()
        guard incoming.body?.expectsContinue == true else { return }
        incoming.body?.expectsContinue = false
        "HTTP/1.1 100 Continue\r\n\r\n".utf8.withContiguousStorageIfAvailable {
            stream.write(UnsafeRawBufferPointer($0))
        }
    }

    private func readBody(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard let incoming, var body = incoming.body else { return nil }
        if body.isAnswered { return skip(body, incoming, bytes) }
        do {
            let count = try body.consume(bytes)
            incoming.body = body
            guard !body.isTooLarge else {
                refuse(413, body.tooLarge)
                return nil
            }
            if body.isComplete {
                if count < bytes.count { flags.insert(.talkative) }
                serve(after: body, incoming)
            }
            return count
        } catch {
            refuse(400, "the chunked body is malformed: \(error)")
            return nil
        }
    }

    func serve(after body: RequestBody, _ incoming: IncomingRequest) {
        incoming.body = nil
        body.head.withUnsafeBytes { head in
            var skipped = 0
            guard var request = try? HTTPParser.parse(head, skipped: &skipped) else { return }
            body.content.withUnsafeBytes { content in
                request.content = content
                if !enter(request) { incoming.body = body }
            }
        }
    }

    // MARK: Refusals and ends

    /// Answers what cannot be served and closes: where the next request begins is unknown.
    ///
    /// - Parameter target: what the record is to say in the place of a target.
    func refuse(_ status: HTTPStatus, _ reason: String, target: String = "") {
        guard phase == .open else { return }
        // What the client still sends is read to its end, or an RST could take our answer from it.
        advance(to: .refusing)
        flags.insert(.talkative)
        incoming = nil
        let response = HTTPResponse(
            status, text: "\(status): \(reason)",
            fields: [HTTPField("Cache-Control", "no-store")])
        append(malformed: response, target: target)
    }

    func peerEnded() {
        clientSide.insert(.ended)
        if first != nil || standing.contains(.queued) {
            if clientHasLeft() { return closeGone() }
        }
        if isScripted {
            tellScriptsOfEnd()
            return settle()
        }
        // What waits in the buffer was sent before the FIN and is served first.
        if flags.contains(.paused) { return }
        if first == nil { close() } else { settleAnswers() }
    }

    // MARK: Time limits

    func enforceTimeLimits(_ now: UInt64) {
        let limits = proxy.limits
        if clientSide.contains(.ended) {
            stream.probe()
            // Half closed at first, it may have gone since then.
            if first != nil, stream.peerHasGone == true, clientHasLeft() { return closeGone() }
        }
        if let since = stream.stalledSince,
            now - min(since, now) > UInt64(limits.stalledSend) * 1_000_000_000
        {
            flags.insert(.timedOut)
            return stream.reset()
        }
        guard first == nil, stream.queuedBytes == 0, proxy.environment.tick >= expiresAt,
            !standing.contains(.queued), lifetime?.isKeptOut != true
        else { return }
        if incoming?.body?.isAnswered == true { return close() }
        // Empty lines after a request begin none (RFC 9112 §2.2).
        let hasBegun = incoming.map { $0.body != nil || $0.bytes.contains { $0 > 0x0d } } ?? false
        guard hasBegun else { return close() }
        refuse(408, "the request did not come in time")
    }

    /// Ends at once if nothing is owed to the client, else after the last answer.
    func beginDraining() {
        // It has no place, and will get none: its answer is owed like the others.
        if standing.contains(.queued) {
            proxy.queue.expire(self)
            goOnAfterWait()
        }
        advance(to: .refusing)
        if first == nil { close() } else { settleAnswers() }
    }
}
