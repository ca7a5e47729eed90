/// Which step may follow which.
struct ScriptOrder {
    private var isFirst = true
    /// Whether there is a request that can be answered.
    private var hasRequest = true
    /// Whether something of the answer to the request has been used.
    private var hasUsedAnswer = false
    /// What has ended the connection, or our side of it.
    private var ended: ScriptVerb?

    mutating func check(_ step: ScriptStep, isInLoop: Bool) throws(ScriptError) {
        let verb = step.verb.rawValue
        if let ended, ended.isEnding {
            throw Self.error(
                step, "'\(ended.rawValue)' has ended the connection: nothing can follow it.")
        }
        if ended == .half, step.verb.sends || step.verb == .request {
            throw Self.error(
                step,
                "'half' has ended our side: nothing can be sent any more. Take '\(verb)' away, "
                    + "or write it before.")
        }
        if step.verb.isEnding || step.verb == .half {
            guard !isInLoop else {
                throw Self.error(step, "'\(verb)' ends all, so that it cannot be repeated.")
            }
            ended = step.verb
        }
        try checkBeginning(step)
        try checkAnswer(step)
    }

    private mutating func checkBeginning(_ step: ScriptStep) throws(ScriptError) {
        defer { isFirst = false }
        guard case .begin(let beginning) = step.action else { return }
        guard isFirst else {
            throw Self.error(step, "'begin' is the first step. Nothing stands before it.")
        }
        hasRequest = beginning != .accept
    }

    private mutating func checkAnswer(_ step: ScriptStep) throws(ScriptError) {
        if case .request = step.action { (hasRequest, hasUsedAnswer) = (true, false) }
        if case .ask = step.action, hasUsedAnswer {
            throw Self.error(
                step, "'ask' comes too late: the answer has been used. Write it before.")
        }
        let needsRequest = step.needsAnswer || step.variables.contains(where: \.needsRequest)
        guard hasRequest || !needsRequest else {
            throw Self.error(
                step,
                "There is no request yet to answer: the steps begin with the connection. "
                    + "Write 'request' before.")
        }
        if step.needsAnswer { hasUsedAnswer = true }
    }

    private static func error(_ step: ScriptStep, _ message: String) -> ScriptError {
        ScriptError(line: step.line, column: step.column, message)
    }
}
