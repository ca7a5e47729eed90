/// How much a script may send, how often and for how long, before it does any of it. What depends
/// on an answer is held against the same bounds while it runs.
struct ScriptBounds {
    private let program: ScriptProgram
    private let values: ScriptValues

    init(_ program: ScriptProgram, _ arguments: [String: Quantity]) {
        self.program = program
        values = ScriptValues(
            arguments: program.parameters.map {
                arguments[$0.name] ?? $0.attribute.defaultQuantity
            }, times: [])
    }

    /// - Throws: the first step that is too much.
    func check() throws(ScriptError) {
        // How often the loops that are open repeat what stands in them, all together.
        var (rounds, steps, bytes): ([Int], Int, Int) = ([1], 0, 0)
        for step in program.steps {
            let often = rounds.last ?? 1
            steps = Self.sum(steps, often)
            bytes = Self.sum(bytes, Self.product(often, count(step)))
            switch step.action {
            case .loop(.times(let count), _):
                rounds.append(Self.product(often, isKnown(count) ? values.value(count) : 1))
            case .loop(.forever(let bytes, let time), _):
                try check(step, bytes, time)
                rounds.append(often)
            case .done: rounds.removeLast()
            case .wait(let time), .closeWait(let time), .silence(let time?):
                try checkWait(step, time)
            case .pace(let pace?): try check(step, pace)
            case .begin, .ask, .head, .body, .chunk, .lastChunk, .send, .fill, .pace, .request,
                .cut, .half, .silence:
                break
            }
            guard bytes <= ScriptProgram.mostBytes else {
                throw Self.error(
                    step, "With this step it sends more than 1GiB in all. Repeat or fill less.")
            }
            guard steps <= ScriptProgram.mostSteps else {
                throw Self.error(
                    step,
                    "With this step it does more than \(ScriptProgram.mostSteps) in all. "
                        + "Repeat less, or write 'fill'.")
            }
        }
    }

    private func check(
        _ step: ScriptStep, _ bytes: ScriptExpression, _ time: ScriptExpression
    ) throws(ScriptError) {
        if isKnown(bytes) {
            let bytes = values.value(bytes)
            guard 1...ScriptProgram.mostBytes ~= bytes else {
                throw Self.error(
                    step, "A loop for ever sends from 1 byte to 1GiB, and not \(bytes) bytes.")
            }
        }
        let length = Nanoseconds(values.value(time))
        guard 1...ScriptProgram.longestFlood ~= length else {
            throw Self.error(
                step, "A loop for ever lasts at most 10m, and not \(Notation.readable(length)).")
        }
    }

    private func checkWait(
        _ step: ScriptStep, _ time: ScriptExpression
    ) throws(ScriptError) {
        guard Nanoseconds(values.value(time)) <= ScriptProgram.longestWait else {
            throw Self.error(step, "'\(step.verb.rawValue)' lasts at most 24h.")
        }
    }

    private func check(
        _ step: ScriptStep, _ pace: (bytes: ScriptExpression, every: ScriptExpression)
    ) throws(ScriptError) {
        guard !isKnown(pace.bytes) || values.value(pace.bytes) > 0 else {
            throw Self.error(step, "A pace has at least 1B. What sends nothing is 'silence'.")
        }
        try checkWait(step, pace.every)
    }

    /// How many bytes it sends, as far as that is known without an answer.
    private func count(_ step: ScriptStep) -> Int {
        switch step.action {
        case .send(let text): text.constant?.count ?? 0
        case .fill(let count, _): isKnown(count) ? values.value(count) : 0
        case .loop(.forever(let bytes, _), _): isKnown(bytes) ? values.value(bytes) : 0
        case .begin, .ask, .head, .body, .chunk, .lastChunk, .wait, .pace, .loop, .done, .request,
            .cut, .half, .silence, .closeWait:
            0
        }
    }

    /// Whether it says the same of every answer.
    private func isKnown(_ expression: ScriptExpression) -> Bool {
        expression.variables.allSatisfy { variable in
            guard case .parameter = variable else { return false }
            return true
        }
    }

    private static func sum(_ left: Int, _ right: Int) -> Int {
        let (sum, overflow) = left.addingReportingOverflow(right)
        return overflow ? .max : sum
    }

    private static func product(_ left: Int, _ right: Int) -> Int {
        let (product, overflow) = left.multipliedReportingOverflow(by: right)
        return overflow ? .max : product
    }

    private static func error(_ step: ScriptStep, _ message: String) -> ScriptError {
        ScriptError(line: step.line, column: step.column, message)
    }
}
