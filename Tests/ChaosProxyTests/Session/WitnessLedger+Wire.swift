import Faults
import HTTPWire
import Records
import TestSupport

@testable import ChaosProxy

// What the ledger makes of what it sees on the two wires.
extension WitnessLedger {
    // MARK: What the client's socket shows

    func saw(_ event: SimulatedSocket.Event, at client: WitnessClient) {
        switch event {
        case .delivers(let count): delivered(count, from: client)
        case .hearsEnd: ended(client)
        case .hearsReset:
            client.isGone = true
            leaves(client, client.hasEnded == nil ? .clientRST : .clientFin, isLost: true)
        case .wrote(let count): wrote(count, to: client)
        case .tries: if speaker(client) == nil { goesOn(client) } else { doubtReleased(client) }
        case .took: checkAnswered(client)
        case .closes:
            if client.closedAt == nil { client.closedAt = now }
            forgetWaiting(client)
        case .fin:
            client.hasFin = true
            checkRefused(client, isReset: false)
            for each in client.underWay { finishes(each) }
        case .rst:
            checkRefused(client, isReset: true)
            forgetWaiting(client)
            for each in client.underWay {
                ends(each, endings(each, isReset: true), isLost: true)
            }
        case .turned(let isRead): if !isRead || !isSite { goesOn(client) }
        case .released: client.isReleased = true
        }
    }

    /// Rule 17: behind a backend that refuses comes a FIN, or a reset if nobody has read what the
    /// client has sent.
    func checkRefused(_ client: WitnessClient, isReset: Bool) {
        guard client.backendEnd == .backendRefused, client.hasEnded == nil else { return }
        let mayCut = client.exchanges.contains { each in
            each.met.contains { WitnessActs.explainsEnding($0.toxic.fault) }
                || each.isAnswered && closes(each) || each.refusal != nil
        }
        let isStalled = isReset && client.socket.stalledSince != nil
        guard !mayCut, !isStalled, isReset != (client.delivered > 0) else { return }
        wrong("refused", "client \(client.number) sees \(isReset ? "an RST" : "a FIN")")
    }

    /// Its connection ends: no request of it will have a place. What is told of one that waited in
    /// vain, and was not left by its client, the rules do not say.
    func forgetWaiting(_ client: WitnessClient) {
        client.pending = []
        for each in client.underWay where each.begun == nil {
            stopsWaiting(each)
            each.isUncertain = true
            ends(each, [])
        }
        admitWaiting()
    }

    func delivered(_ count: Int, from client: WitnessClient) {
        let before = client.delivered
        client.delivered += count
        guard hasMessages else {
            client.exchanges.first?.up.goesIn(count, at: now)
            return
        }
        for exchange in client.underWay { cameMore(exchange, since: before) }
        var isFirst = true
        while client.arrived < client.requests.count, !client.isRefused, !isEnding(client) {
            let request = client.requests[client.arrived]
            let needed = isSite ? request.bytes.count : request.headCount
            guard client.delivered >= request.start + needed else { return }
            client.arrived += 1
            loseIfUnclear(client, isFirst)
            arrives(request, from: client)
            client.exchanges.last?.wasMerged = !isFirst
            isFirst = false
        }
    }

    /// Its backend has ended, and our FIN is held back: nothing is read any more.
    func isEnding(_ client: WitnessClient) -> Bool {
        guard !isSite, client.backendEnd != nil, client.meets(.downstream, .holdsEnd) else {
            return false
        }
        // What is still owed may have to leave before that.
        isLost = isLost || !client.underWay.isEmpty
        return true
    }

    /// Whether some of a malformed answer has come.
    func hasNonsense(_ client: WitnessClient) -> Bool {
        client.exchanges.contains { each in
            let isServed = each.respond == nil && each.refusal == nil && !isSite
            return isServed && each.request?.answer.kind == .nonsense && each.cameDown > 0
        }
    }

    /// Behind nonsense it may be no request any more, and behind one that is cut at once it may not
    /// be read.
    func loseIfUnclear(_ client: WitnessClient, _ isFirst: Bool) {
        let isNonsense = hasNonsense(client)
        let isCut = plan.toxics.contains { WitnessActs.explainsEnding($0.fault) }
        // A fault may have made nonsense of one before.
        let isConfused = client.underWay.contains { $0.begun != nil && isDisturbed($0) }
        if isNonsense || isConfused || !isFirst && isCut { isLost = true }
    }

    /// More of a request that has begun before a backend.
    func cameMore(_ exchange: WitnessExchange, since before: Int) {
        guard let request = exchange.request, exchange.complete == nil else { return }
        let more = min(exchange.client.delivered, request.end) - before
        if exchange.client.delivered >= request.end { exchange.complete = now }
        guard exchange.begun != nil, exchange.refusal == nil else { return }
        exchange.up.goesIn(more, at: now)
        injects(exchange)
    }

    func ended(_ client: WitnessClient) {
        client.hasEnded = now
        switch client.socket.peerHasGone {
        case true?:
            client.isGone = true
            leaves(client, .clientFin, isLost: true)
        case false?: client.underWay.first?.up.endIn = now
        case nil: for each in client.underWay { leaveFlight(each) }
        }
    }

    /// The client is gone, and with it all that it was owed.
    func leaves(
        _ client: WitnessClient, _ ending: ExchangeRecord.Ending, isLost: Bool
    ) {
        let all = client.underWay
        for each in all where each.begun == nil {
            each.leftQueue = stopsWaiting(each)
        }
        for each in all {
            each.clientLeft = true
            // Nonsense is the reason, whoever leaves then: of it, and of what came behind it.
            let mayBeNonsense = hasNonsense(client) ? [ExchangeRecord.Ending.backendMalformed] : []
            ends(each, Set([ending] + mayBeNonsense), isLost: isLost)
        }
        client.pending = []
        admitWaiting()
    }

    /// A client is found dead by the answer to another request: one that has its place may have
    /// begun before, or not.
    func doubtReleased(_ client: WitnessClient) {
        for each in released where each.client === client { each.isUncertain = true }
    }

    /// Whose answer comes next.
    func speaker(_ client: WitnessClient) -> WitnessExchange? {
        client.underWay.first { rest($0) > 0 }
    }

    func wrote(_ count: Int, to client: WitnessClient) {
        var left = count
        while left > 0 {
            if speaker(client) == nil { goesOn(client) }
            guard let speaker = speaker(client) else {
                return wrong("stray bytes", "\(left) bytes to client \(client.number)")
            }
            expectNoSurplus(left, speaker)
            speaker.outStart = speaker.outStart ?? client.socket.written.count - left
            let part = min(left, rest(speaker))
            if speaker.respond != nil, speaker.down.inCount == 0 {
                speaker.up.comesOut(speaker.up.inCount, at: now)
            }
            speaker.down.comesOut(part, at: now)
            left -= part
        }
    }

    func expectNoSurplus(_ count: Int, _ speaker: WitnessExchange) {
        let isRandom = speaker.met.contains { $0.toxic.fault.type.rawValue == "corrupt" }
        let bytes = speaker.client.socket.written.suffix(count)
        guard hasMessages, !isRandom, bytes.contains(WitnessAnswer.excess) else { return }
        wrong("excess reached the client", speaker.name)
    }

    /// The kernel has taken more: perhaps all of an answer.
    func checkAnswered(_ client: WitnessClient) {
        for each in client.underWay {
            guard isComplete(each) else { return }
            each.isAnswered = true
            // Whether one that may be gone has it is known when it acknowledges.
            let isOpen = client.hasEnded != nil && client.socket.unacknowledgedBytes > 0
            if closes(each) {
                guard isOpen, !client.meets(.downstream, .holdsEnd) else { return }
                each.isUncertain = true
                return leaveFlight(each)
            }
            guard client.hasEnded != nil else {
                ends(each, [.keep])
                continue
            }
            each.isUncertain = isOpen
            ends(each, [.keep, .fin, .clientFin])
        }
    }

    // MARK: What the backend's socket shows

    func saw(_ event: SimulatedSocket.Event, at backend: WitnessBackend) {
        let client = backend.client
        switch event {
        case .delivers(let count): replied(count, on: backend)
        case .hearsEnd: backendEnded(client, .backendFin)
        case .hearsReset: backendEnded(client, .backendRST)
        case .wrote(let count): reached(count, client)
        case .fin: if !hasMessages { client.exchanges.first?.up.endOut = now }
        case .closes, .rst, .released: backend.isLeft = true
        case .turned: goesOn(client)
        case .took, .tries: break
        }
    }

    func replied(_ count: Int, on backend: WitnessBackend) {
        var left = count
        while left > 0, !backend.onTheWay.isEmpty {
            let part = min(left, backend.onTheWay[0].count)
            let exchange = backend.onTheWay[0].exchange
            backend.onTheWay[0].count -= part
            if backend.onTheWay[0].count == 0 { backend.onTheWay.removeFirst() }
            left -= part
            guard let exchange else {
                surplus(backend.client)
                continue
            }
            if exchange.over == nil { cameDown(part, exchange) }
        }
        // Of one whose bytes are replaced all may have left before.
        if hasMessages { checkAnswered(backend.client) }
    }

    /// Of a head nothing goes on before all of it has come, or it is nonsense from its first byte.
    func cameDown(_ count: Int, _ exchange: WitnessExchange) {
        exchange.cameDown += count
        let head = Self.headCount(exchange.honest) ?? 0
        let isNonsense = exchange.request?.answer.kind == .nonsense
        let isOther = isNonsense && !exchange.honest.starts(with: Array("HTTP".utf8))
        guard !hasMessages || isOther || exchange.cameDown >= head else {
            // The wrong line has come, and not the empty one.
            if isNonsense, exchange.cameDown >= head - 2 { isLost = true }
            return
        }
        // What waits is a part of it.
        if isNonsense { forgetWaiting(exchange.client) }
        goesDown(exchange.cameDown - exchange.down.inCount, exchange)
    }

    /// Bytes that belong to no answer. If another request is under way already, they may as well be
    /// the beginning of its answer, and nonsense: then nothing can be said any more.
    func surplus(_ client: WitnessClient) {
        client.sawSurplus = true
        isLost =
            isLost
            || client.underWay.contains { each in
                let isServed = each.begun != nil && each.refusal == nil && each.respond == nil
                return isServed && (each.honest.isEmpty || each.down.inCount < each.honest.count)
            }
    }

    func reached(_ count: Int, _ client: WitnessClient) {
        var left = count
        if hasMessages, !client.exchanges.contains(where: { $0.up.isHolding }) { goesOn(client) }
        for each in client.exchanges where left > 0 && each.respond == nil {
            let part = min(left, hasMessages ? max(each.up.inCount - each.up.outCount, 0) : left)
            each.up.comesOut(part, at: now)
            left -= part
        }
    }

    func backendEnded(_ client: WitnessClient, _ ending: ExchangeRecord.Ending) {
        client.backendEnd = ending
        client.backendEndedFirst = client.hasEnded == nil
        for each in client.underWay {
            each.isBackendDone = true
            if ending == .backendFin, each.cameDown > each.down.inCount {
                goesDown(each.cameDown - each.down.inCount, each)
            }
            let answer = each.request?.answer
            let isUntilEnd =
                answer?.kind == .untilEnd && each.request?.isHead == false
                && each.cameDown >= answer?.headCount ?? .max
            let isEnd = !hasMessages || isUntilEnd
            if ending == .backendFin, isEnd { each.down.endIn = now }
        }
        if hasMessages { checkAnswered(client) }
    }
}
