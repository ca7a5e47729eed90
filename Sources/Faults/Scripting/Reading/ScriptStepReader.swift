/// Reads steps, and holds each against those before it.
struct ScriptStepReader {
    static let mostSteps = 4096
    static let deepestLoop = 8

    var scope: ScriptScope
    private(set) var steps: [ScriptStep] = []
    /// Loops that have not ended.
    private var open: [(index: Int, line: ScriptLine)] = []
    private var order = ScriptOrder()

    init(_ scope: ScriptScope) {
        self.scope = scope
    }

    mutating func read(_ line: ScriptLine) throws(ScriptError) {
        guard var words = try ScriptWords(line) else { return }
        guard !words.verb.isQuoted, let verb = ScriptVerb(rawValue: words.verb.text) else {
            throw Self.unknown(words)
        }
        guard steps.count < Self.mostSteps else {
            throw words.atVerb("A script has at most \(Self.mostSteps) steps.")
        }
        guard verb != .loop || open.count < Self.deepestLoop else {
            throw words.atVerb("At most \(Self.deepestLoop) loops may stand in each other.")
        }
        // The rounds of a loop are counted outside of it.
        if verb == .done { scope.depth -= 1 }
        let action = try action(verb, &words)
        try words.end()
        let column = words.atVerb("").column
        let step = ScriptStep(action: action, verb: verb, line: line.number, column: column)
        try order.check(step, isInLoop: !open.isEmpty)
        steps.append(step)
        if verb == .loop {
            scope.depth += 1
            open.append((steps.count - 1, line))
        }
    }

    /// - Parameter last: the last line that has been read.
    func end(_ last: ScriptLine) throws(ScriptError) -> [ScriptStep] {
        if let loop = open.last {
            throw loop.line.error(
                at: 0, "This 'repeat' does not end. Write 'done' behind what is repeated.")
        }
        guard !steps.isEmpty else {
            throw last.error(
                at: 0,
                "There are no steps. Write them below an empty line: 'head', 'body ..50%', 'fin'.")
        }
        return steps
    }

    private static func unknown(_ words: ScriptWords) -> ScriptError {
        let word = words.verb.text
        if ScriptHeader.Keyword(rawValue: word) != nil {
            return words.atVerb(
                "'\(word)' belongs into the header, above the empty line before the steps.")
        }
        let all = ScriptVerb.allCases.map(\.rawValue)
        return words.atVerb(
            "There is no step '\(word)'.\(Suggestion.hint(for: word, in: all)) "
                + "There are \(FaultError.listed(all)).")
    }

    private mutating func action(
        _ verb: ScriptVerb, _ words: inout ScriptWords
    ) throws(ScriptError) -> ScriptStep.Action {
        switch verb {
        case .begin: try begin(&words)
        case .ask: try ask(&words)
        case .head: .head(try head(&words))
        case .body: .body(try part(&words))
        case .chunk: try chunk(&words)
        case .lastChunk: .lastChunk(try texts(&words, isNeeded: false))
        case .send: .send(ScriptText(parts: try texts(&words, isNeeded: true).flatMap(\.parts)))
        case .hex: .send(try hex(&words))
        case .fill: try fill(&words)
        case .wait: .wait(try quantity(&words, .time, "Write how long: wait 200ms."))
        case .pace: .pace(try pace(&words))
        case .loop: .loop(try loop(&words), end: 0)
        case .done: try done(words)
        case .request: .request
        case .fin: .cut(.fin)
        case .rst: .cut(.rst)
        case .half: .half
        case .silence:
            .silence(words.next == nil ? nil : try quantity(&words, .time, "silence 5s"))
        case .closeWait:
            .closeWait(
                try quantity(&words, .time, "Write how long at most: close-wait 5s."))
        }
    }

    private mutating func done(_ words: ScriptWords) throws(ScriptError) -> ScriptStep.Action {
        guard let loop = open.popLast() else {
            throw words.atVerb("There is no 'repeat' that this 'done' could end.")
        }
        guard steps.count > loop.index + 1 else {
            throw words.atVerb("Nothing stands between 'repeat' and 'done'.")
        }
        guard case .loop(let kind, _) = steps[loop.index].action else { return .done(start: 0) }
        steps[loop.index].action = .loop(kind, end: steps.count + 1)
        return .done(start: loop.index + 1)
    }
}
