// What each step does.

extension ScriptRun {
    mutating func perform(
        _ action: ScriptStep.Action, at now: Instant, _ batch: inout ScriptBatch
    ) {
        switch action {
        case .begin, .ask: break
        case .head(let changes): sendHead(changes, &batch)
        case .body(let part): output = content(part)
        case .chunk(let part, let size, let name, let ends):
            sendChunk(part, size, name, ends)
        case .lastChunk(let lines): sendLastChunk(lines)
        case .send(let text): send(values.bytes(text))
        case .fill(let count, let filling): fill(values.value(count), filling)
        case .wait(let time): wait(Nanoseconds(values.value(time)), at: now)
        case .pace(let pace): set(pace, at: now)
        case .loop(let loop, let end): enter(loop, end: end, at: now)
        case .done: turn()
        case .request: awaitRequest(&batch)
        case .cut(let cut): end(.cut(cut), &batch)
        case .half: batch.act(.half)
        case .silence(let time):
            state = .silent(until: time.map { now + Nanoseconds(values.value($0)) })
        case .closeWait(let time): state = .closing(until: now + Nanoseconds(values.value(time)))
        }
    }

    // MARK: Time

    private mutating func wait(_ time: Nanoseconds, at now: Instant) {
        guard time > 0 else { return }
        for index in frames.indices { frames[index].isAlive = true }
        state = .waiting(until: now + min(time, ScriptProgram.longestWait))
    }

    private mutating func set(
        _ pace: (bytes: ScriptExpression, every: ScriptExpression)?, at now: Instant
    ) {
        let interval = pace.map { Nanoseconds(values.value($0.every)) } ?? 0
        guard let pace, interval > 0 else { return self.pace = nil }
        let bytes = max(values.value(pace.bytes), 1)
        self.pace = ScriptPace(bytes: bytes, interval: interval, from: now)
    }

    // MARK: Loops

    private mutating func enter(_ loop: ScriptLoop, end: Int, at now: Instant) {
        let flood = program.flood(at: index - 1)
        switch loop {
        case .times(let count):
            let rounds = values.value(count)
            if rounds == 0 {
                index = end
            } else if let flood {
                let (count, overflow) = flood.count.multipliedReportingOverflow(by: rounds)
                send(flood, count: overflow ? .max : count)
                index = end
            } else {
                push(ScriptFrame(start: index, end: end, rounds: rounds, deadline: nil))
            }
        case .forever(let bytes, let time):
            let limit = min(Nanoseconds(values.value(time)), ScriptProgram.longestFlood)
            var frame = ScriptFrame(start: index, end: end, rounds: nil, deadline: now + limit)
            frame.budget = min(values.value(bytes), ScriptProgram.mostBytes)
            push(frame)
            if let flood { send(flood, count: frame.budget ?? 0) }
        }
    }

    private mutating func push(_ frame: ScriptFrame) {
        frames.append(frame)
        values.round = frame.round
    }

    /// The end of a round.
    private mutating func turn() {
        guard let frame = frames.last else { return }
        let isOver = frame.rounds.map { frame.round >= $0 } ?? !frame.isAlive
        if isOver {
            frames.removeLast()
        } else {
            frames[frames.count - 1].round += 1
            frames[frames.count - 1].isAlive = false
            index = frame.start
        }
        values.round = frames.last?.round ?? 0
    }
}
