import Faults
import HTTPWire

// Scripts before a backend: it is asked if they need its reply, which is read whole first.
extension RelaySession {
    /// Begins an exchange that a script answers.
    ///
    /// - Parameter whole: as much of the request as is here.
    func begin(
        _ script: ScriptAnswer, _ exchange: Exchange, _ request: HTTPRequest,
        _ whole: UnsafeRawBufferPointer, isComplete: Bool
    ) {
        script.take(told(request))
        guard let question = script.question else {
            return answer(script, exchange, request, whole, isComplete: isComplete)
        }
        if question.needsOther {
            passUnharmed(exchange, "a backend has nothing else to take the place of it")
        } else {
            script.reply = CollectedReply()
        }
        forward(request, whole, question, isComplete: isComplete)
    }

    /// The script needs nothing of the backend, which is not contacted.
    private func answer(
        _ script: ScriptAnswer, _ exchange: Exchange, _ request: HTTPRequest,
        _ whole: UnsafeRawBufferPointer, isComplete: Bool
    ) {
        messages?.framing.injected()
        exchange.progress.insert(.own)
        if script.beginning != .complete { script.begin() }
        // A client that waits for leave to send gets the answer instead (RFC 9110 §10.1.1).
        let mayContinue = request.traits.contains(.expectsContinue) && !isComplete
        if mayContinue { exchange.progress.insert(.closes) }
        goOn(whole, isComplete || mayContinue)
    }

    /// Sends the request to the backend as the script wants it asked.
    private func forward(
        _ request: HTTPRequest, _ whole: UnsafeRawBufferPointer, _ question: ScriptRun.Question,
        isComplete: Bool
    ) {
        dial()
        let isChanged = !question.dropped.isEmpty || !question.set.isEmpty
        let end = whole.offsets(of: request.head).upperBound
        let head = isChanged ? ChangedHead.request(request.head, question) : Array(request.head)
        let changed = head + whole[end...]
        changed.withUnsafeBytes { changed in
            var skipped = 0
            let request = (try? HTTPParser.parse(changed, skipped: &skipped)) ?? nil
            let rewritten = withBackendAsHost(request, changed)
            (rewritten ?? Array(changed)).withUnsafeBytes { goOn($0, isComplete) }
        }
    }

    // MARK: The reply

    /// Keeps what comes of a reply that a script waits for.
    ///
    /// - Returns: false if it is for the client after all.
    func collect(
        _ bytes: UnsafeRawBufferPointer, of exchange: Exchange, status: UInt16?, isComplete: Bool
    ) -> Bool {
        guard let script = exchange.script, script.isAsking else { return false }
        take(bytes, status, script, exchange)
        guard let reply = script.reply else { return true }
        script.reserve(reply.count)
        if reply.isTooLarge || !script.hasRoom(for: 2 * reply.count) {
            stopAsking(exchange, "it is larger than a script may hold")
            if isComplete { endReply(exchange) }
        } else if isComplete {
            give(reply, to: script, of: exchange)
        }
        return true
    }

    private func take(
        _ bytes: UnsafeRawBufferPointer, _ status: UInt16?, _ script: ScriptAnswer,
        _ exchange: Exchange
    ) {
        if let status {
            let promised = messages?.framing.announcedLength
            script.reply?.take(head: bytes, status, promised: promised)
            if promised == nil { script.wake = now + CollectedReply.maximumTime }
        } else if script.reply?.hasHead == true {
            script.reply?.take(bytes, content: messages?.framing.content)
        } else {
            // Leave to send is not kept from a client that waits for it.
            if HTTPResponseHead.status(bytes) == 100 {
                sendBack(bytes, isHead: true, of: exchange)
            }
            return
        }
        exchange.down.holdBack(true, at: now)
    }

    /// The reply is there: the script goes on with it.
    private func give(_ reply: CollectedReply, to script: ScriptAnswer, of exchange: Exchange) {
        exchange.progress.insert(.replyRead)
        (script.reply, script.wake) = (nil, nil)
        exchange.down.holdBack(false, at: now)
        script.take(reply.answer, other: nil)
        script.begin()
    }

    private func endReply(_ exchange: Exchange) {
        exchange.progress.insert(.replyRead)
        exchange.down.receive(.boundary, at: now)
    }

    /// The backend has ended what it had not said the end of.
    ///
    /// - Returns: whether a script has waited for that.
    func collectedAll(of exchange: Exchange) -> Bool {
        guard let script = exchange.script, let reply = script.reply else { return false }
        give(reply, to: script, of: exchange)
        return true
    }

    /// What has been kept goes to the client as it came, and the rest will.
    func giveBack(_ exchange: Exchange, _ reason: String) {
        guard let reply = exchange.script?.reply else { return }
        passUnharmed(exchange, reason)
        guard let status = reply.status else { return }
        reply.head.withUnsafeBytes { head in
            noteStatus(status, head, of: exchange)
            exchange.facts.promised = reply.promised
            sendBack(head, isHead: true, of: exchange)
        }
        reply.rest.withUnsafeBytes { sendBack($0, content: reply.content, of: exchange) }
    }

    // MARK: Time

    /// Scripts whose request has come, or whose reply takes too long.
    func updateScript(of exchange: Exchange) {
        guard let script = exchange.script else { return }
        if script.reply != nil, let wake = script.wake, wake <= now {
            return stopAsking(exchange, "its end has not come")
        }
        guard exchange.progress.contains(.own) else { return }
        _ = exchange.takeUp()  // no backend gets them
        guard exchange.progress.contains(.requestRisen) else { return }
        exchange.progress.insert(.requestSent)
        script.begin()
    }
}
