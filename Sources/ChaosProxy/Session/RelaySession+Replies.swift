import EventLoop
import Faults
import HTTPWire

// From a backend's bytes to the replies of exchanges.
extension RelaySession {
    /// The oldest exchange whose reply is still to come, or not complete.
    var awaitingReply: RelayExchange? {
        var each = first
        while let exchange = each {
            if exchange.awaitsReply { return exchange }
            each = exchange.next
        }
        return nil
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
            let exchange = awaitingReply
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
                fallBack(exchange, reason)
                // Else nobody waits for these bytes.
                guard awaitingReply?.isTunnel == true else { return bytes.count }
            }
        }
        return used
    }

    private func readAfterReply() {
        let isWaiting = messages?.keptUp.isEmpty == false || current != nil
        if isWaiting, current?.isTunnel != true { readKept() }
    }

    private func kind(of exchange: RelayExchange?) -> UInt8? {
        guard let exchange, !exchange.progress.contains(.greeting) else { return nil }
        return exchange.kind
    }

    private func reply(
        _ bytes: UnsafeRawBufferPointer, of exchange: RelayExchange?, status: UInt16? = nil,
        isComplete: Bool = false
    ) {
        guard let exchange else {
            // Before the answers that are owed there is nothing it could overtake.
            sent(bytes.count, of: nil)
            return stream.write(bytes)
        }
        if let facts = exchange.facts {
            // On http only the body counts, and heads come first, the last one with the status.
            if proxy.protocol == .http, !exchange.isTunnel {
                if facts.status == nil {
                    exchange.headBytes += bytes.count
                } else {
                    facts.came(bytes.count, framing: messages?.framing.chunkBytes ?? 0)
                }
            }
            if let status {
                facts.status = HTTPStatus(Int(status))
                facts.promised = messages?.framing.announcedLength
            }
        }
        sendBack(bytes, of: exchange)
        guard isComplete else { return }
        exchange.progress.insert(.replyRead)
        exchange.receiveDown(.boundary, at: now)
    }

    /// A reply that cannot be told apart goes on as bytes, and that is said.
    private func fallBack(_ exchange: RelayExchange?, _ reason: String) {
        if exchange == nil, current == nil {
            fallBack(reason)
            return sendKept()
        }
        warnOfTunnel(reason)
        if exchange == nil, let current, current.progress.contains(.injected) {
            // The backend speaks while a fault answers: there is no place for what it says.
            current.progress.insert(.closes)
            flags.insert(.farEnded)
            far?.open?.close(lingering: true)
        } else {
            becomeTunnel(exchange)
        }
    }

    /// From here on nothing is told apart any more: `exchange` lasts as long as the connection.
    private func becomeTunnel(_ exchange: RelayExchange?) {
        guard let exchange = exchange ?? current else { return }
        stopWaiting()
        exchange.progress.insert(.tunnel)
        exchange.progress.subtract([.unanswered, .replyRead, .replyReady])
        exchange.facts?.promised = nil  // no head says how long a tunnel is
        current = exchange
        // What came behind it was no request after all.
        while let later = exchange.next {
            exchange.next = later.next
            for bytes in later.releaseUp(at: now) { exchange.receiveUp(.bytes(bytes), at: now) }
            finish(later, .upgraded)
        }
        sendKept()
        if flags.contains(.clientEnded) { exchange.receiveUp(.end, at: now) }
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
            kept.withUnsafeBytes { reply($0, of: awaitingReply) }
        }
        guard let exchange = messages == nil ? first : awaitingReply else { return }
        if exchange.isTunnel {
            exchange.receiveDown(.end, at: now)
        } else if exchange.progress.contains(.untilEnd) {
            exchange.progress.formUnion([.replyRead, .closes])
            exchange.receiveDown(.boundary, at: now)
        }
    }
}
