import EventLoop
import Faults
import HTTPWire
import Records

// From a backend's bytes to the replies of exchanges.
extension RelaySession {
    /// The oldest exchange whose reply is still to come, or not complete.
    var awaitingReply: Exchange? {
        var each = first
        while let exchange = each {
            if exchange.awaitsReply { return exchange }
            each = exchange.next
        }
        return nil
    }

    /// It, if the backend has been asked: else nobody waits for what it says.
    private var askedReply: Exchange? {
        awaitingReply.flatMap { exchange in
            exchange.progress.isDisjoint(with: [.asked, .tunnel, .greeting]) ? nil : exchange
        }
    }

    func readReplies(_ bytes: UnsafeRawBufferPointer) {
        guard let messages else { return }
        if messages.keptDown.isEmpty {
            let used = processReplies(bytes)
            if used < bytes.count { messages.keptDown.append(contentsOf: bytes[used...]) }
        } else {
            messages.keptDown.append(contentsOf: bytes)
            var kept: [UInt8] = []
            swap(&kept, &messages.keptDown)
            let used = kept.withUnsafeBytes(processReplies)
            kept.removeFirst(used)
            messages.keptDown = kept
        }
    }

    /// - Returns: how many bytes were used.
    private func processReplies(_ bytes: UnsafeRawBufferPointer) -> Int {
        var used = 0
        let isCorked = stream.cork()
        defer { if isCorked { stream.uncork() } }
        while let messages {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[used...])
            let exchange = askedReply
            if let exchange, exchange.isTunnel || exchange.progress.contains(.untilEnd) {
                reply(rest, of: exchange)
                return bytes.count
            }
            switch messages.framing.response(rest, to: kind(of: exchange)) {
            case .incomplete: return used
            case .bytes(let count, let isComplete, let status):
                let part = UnsafeRawBufferPointer(rebasing: rest[..<count])
                let isSwitched = isComplete && messages.framing.isSwitched
                reply(part, of: exchange, status: status, isComplete: isComplete && !isSwitched)
                used += count
                if isSwitched { becomeTunnel(exchange) }
                // A request may end with the reply to it, or be clear only then.
                readAfterReply()
            case .untilEnd:
                guard let exchange else { return bytes.count }
                exchange.progress.insert(.untilEnd)
            case .tunnel(let reason):
                if let exchange {
                    takeAsNonsense(exchange, reason, rest)
                } else {
                    takeAsExcess(reason, rest)
                }
                return bytes.count
            }
        }
        return used
    }

    private func readAfterReply() {
        let isWaiting = messages?.keptUp.isEmpty == false || current != nil
        if isWaiting, current?.isTunnel != true { readKept() }
    }

    private func kind(of exchange: Exchange?) -> UInt8? {
        guard let exchange, !exchange.progress.contains(.greeting) else { return nil }
        return exchange.kind
    }

    private func reply(
        _ bytes: UnsafeRawBufferPointer, of exchange: Exchange?, status: UInt16? = nil,
        isComplete: Bool = false
    ) {
        guard let exchange else {
            // Before the answers that are owed there is nothing it could overtake.
            proxy.counters.sentDownstream += UInt64(bytes.count)
            plainBytes += bytes.count
            return stream.write(bytes)
        }
        if exchange.progress.contains(.scripted),
            collect(bytes, of: exchange, status: status, isComplete: isComplete)
        {
            return
        }
        let isHead = isInHead(exchange)
        if let status { noteStatus(status, bytes, of: exchange) }
        let content = exchange.isTunnel ? nil : messages?.framing.content
        sendBack(bytes, isHead: isHead, content: content, of: exchange)
        guard isComplete else { return }
        exchange.progress.insert(.replyRead)
        exchange.down.receive(.boundary, at: now)
    }

    /// Whether what comes of its reply is a head: on http, up to the one with the status.
    private func isInHead(_ exchange: Exchange) -> Bool {
        proxy.protocol == .http && !exchange.isTunnel && !exchange.facts.isAnswered
    }

    /// The last head has the status; on other protocols the last line.
    func noteStatus(
        _ status: UInt16, _ bytes: UnsafeRawBufferPointer, of exchange: Exchange
    ) {
        let isHTTP = proxy.protocol == .http
        let line = isHTTP ? (bytes.firstIndex(of: 0x0a) ?? bytes.count - 1) + 1 : code(in: bytes)
        exchange.facts.answers(
            HTTPStatus(Int(status)), within: Int(exchange.replyBytes) + line)
        exchange.facts.promised = messages?.framing.announcedLength
    }

    /// How many bytes there are up to the end of the three digits that begin the last line.
    private func code(in reply: UnsafeRawBufferPointer) -> Int {
        let lines = reply.part(0..<max(reply.count - 1, 0))
        return min((lines.lastIndex(of: 0x0a) ?? -1) + 4, reply.count)
    }

    /// What the backend has sent is no reply: it goes through as it is, and nothing behind it is
    /// told apart.
    private func takeAsNonsense(
        _ exchange: Exchange, _ reason: String, _ bytes: UnsafeRawBufferPointer
    ) {
        warnOfTunnel("the backend's reply is malformed: \(reason)")
        stopAsking(exchange, reason)
        exchange.facts.traits.insert(.backendMalformed)
        let wasAnswered = exchange.facts.isAnswered
        noteBrokenHead(bytes, of: exchange)
        becomeTunnel(exchange)
        guard proxy.protocol == .http, !wasAnswered else {
            return sendBack(bytes, of: exchange)
        }
        let head = HTTPResponseHead.headCount(bytes)
        sendBack(bytes.part(0..<head), isHead: true, of: exchange)
        sendBack(bytes.from(head), of: exchange)
    }

    /// The status line of what is no head, or half of one, may be sound all the same.
    private func noteBrokenHead(_ bytes: UnsafeRawBufferPointer, of exchange: Exchange) {
        guard isInHead(exchange), let status = HTTPResponseHead.status(bytes),
            let line = bytes.firstIndex(of: 0x0a)
        else { return }
        exchange.facts.answers(
            HTTPStatus(Int(status)), within: Int(exchange.replyBytes) + line + 1)
    }

    /// Nobody has asked for what the backend says. On http it is thrown away; elsewhere a client
    /// may have reasons to expect it (memcached's errors behind `noreply`).
    private func takeAsExcess(_ reason: String, _ bytes: UnsafeRawBufferPointer) {
        guard proxy.protocol != .http else { return giveUpBackend(reason) }
        proxy.environment.warn(of: .messages, "\(proxy.name): connection \(number): \(reason)")
        reply(bytes, of: nil)
    }

    /// From here on nothing is told apart any more: `exchange` lasts as long as the connection.
    private func becomeTunnel(_ exchange: Exchange?) {
        guard let exchange = exchange ?? current else { return }
        stopAsking(exchange, "it is no reply any more")
        leaveQueue()
        messages?.hasLast = false
        exchange.progress.insert(.tunnel)
        if messages?.framing.isSwitched == true { exchange.progress.insert(.upgraded) }
        exchange.progress.subtract([.unanswered, .replyRead, .closes])
        exchange.facts.promised = nil  // no head says how long a tunnel is
        current = exchange
        var later = exchange.next
        while let each = later {
            for bytes in each.releaseUp(at: now) { exchange.receiveUp(.bytes(bytes), at: now) }
            each.progress.formUnion([.unanswered, .requestSent])
            each.facts.traits.formUnion(exchange.facts.traits.intersection(.backendMalformed))
            later = each.next
        }
        if exchange.progress.contains(.upgraded) { finishBehind(exchange) }
        sendKept()
        if clientSide.contains(.ended) { exchange.receiveUp(.end, at: now) }
    }

    /// What came behind an upgrade was no request after all.
    private func finishBehind(_ exchange: Exchange) {
        while let later = exchange.next {
            exchange.next = later.next
            later.progress.insert(.upgraded)
            finish(later, .upgraded)
        }
    }

    /// What is kept of the client's bytes goes on as bytes.
    private func sendKept() {
        guard let messages, !messages.keptUp.isEmpty else { return }
        let kept = messages.keptUp
        messages.keptUp = []
        kept.withUnsafeBytes { sendThrough($0) }
    }

    /// The backend will send no more.
    func repliesEnded() {
        if let messages, !messages.keptDown.isEmpty {
            let kept = messages.keptDown
            messages.keptDown = []
            kept.withUnsafeBytes { rest in
                guard let exchange = awaitingReply else {
                    return proxy.protocol == .http ? () : reply(rest, of: nil)
                }
                let isHead = isInHead(exchange)
                noteBrokenHead(rest, of: exchange)
                sendBack(rest, isHead: isHead, of: exchange)
            }
        }
        guard let exchange = messages == nil ? first : awaitingReply else { return }
        if exchange.isTunnel {
            exchange.down.receive(.end, at: now)
        } else if endsReply(exchange) {
            exchange.progress.formUnion([.replyRead, .closes])
            if messages?.framing.isAnsweredByEnd(exchange.kind) == true {
                // Whatever its client still sends, it has been understood.
                exchange.progress.formUnion([.requestRead, .requestRisen, .requestSent])
                if current === exchange { current = nil }
            }
            if !collectedAll(of: exchange) { exchange.down.receive(.boundary, at: now) }
        } else {
            stopAsking(exchange, "the backend has not sent all of it")
        }
    }

    /// Whether the end of the backend's connection is the end of the reply.
    private func endsReply(_ exchange: Exchange) -> Bool {
        exchange.progress.contains(.untilEnd)
            || messages?.framing.isAnsweredByEnd(exchange.kind) == true
    }
}
