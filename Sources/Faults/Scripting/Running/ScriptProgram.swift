/// The steps of a script, checked.
struct ScriptProgram: Sendable {
    /// Most bytes that a script sends in all: 1 GiB.
    static let mostBytes = 1 << 30
    /// Most steps that it does in all.
    static let mostSteps = 10_000_000
    /// The longest time of a loop for ever: 10 minutes.
    static let longestFlood: Nanoseconds = 600_000_000_000
    /// The longest wait: a day.
    static let longestWait: Nanoseconds = 86_400_000_000_000

    let steps: [ScriptStep]
    let parameters: [ScriptScope.Parameter]
    /// By the place of a loop in whose rounds the same bytes are sent, and nothing else is done.
    private let floods: [Int: [UInt8]]

    init(steps: [ScriptStep], parameters: [ScriptScope.Parameter]) {
        (self.steps, self.parameters) = (steps, parameters)
        var floods: [Int: [UInt8]] = [:]
        for (index, step) in steps.enumerated() {
            guard case .loop(_, let end) = step.action else { continue }
            floods[index] = Self.constant(steps[(index + 1)..<(end - 1)])
        }
        self.floods = floods
    }

    var beginning: ScriptBeginning {
        if case .begin(let beginning)? = steps.first?.action { beginning } else { .complete }
    }

    /// Enough rounds of a loop to be copied at once; nil if they are not all the same.
    func flood(at index: Int) -> [UInt8]? { floods[index] }

    private static func constant(_ steps: ArraySlice<ScriptStep>) -> [UInt8]? {
        var bytes: [UInt8] = []
        for step in steps {
            guard case .send(let text) = step.action, let constant = text.constant else {
                return nil
            }
            bytes += constant
        }
        return bytes.isEmpty ? nil : bytes
    }

    /// The steps that answer one request: from `start` to the next `request`, and in a loop from
    /// its start, too.
    func answering(from start: Int) -> [ScriptStep] {
        var found: [ScriptStep] = []
        for index in start..<max(steps.count, start) {
            switch steps[index].action {
            case .request: return found
            case .done(let loop) where loop < start:
                found += steps[loop..<start].prefix {
                    if case .request = $0.action { false } else { true }
                }
            case .begin, .ask, .head, .body, .chunk, .lastChunk, .send, .fill, .wait, .pace,
                .loop, .done, .cut, .half, .silence, .closeWait:
                found.append(steps[index])
            }
        }
        return found
    }

    /// What is asked for these; nil if they need no answer.
    func question(from start: Int, _ values: ScriptValues) -> ScriptQuestion? {
        let steps = answering(from: start)
        guard steps.contains(where: \.needsAnswer) else { return nil }
        var question = ScriptQuestion()
        question.needsOther = steps.contains(where: \.needsOther)
        for step in steps {
            guard case .ask(let dropped, let set) = step.action else { continue }
            question.dropped += dropped
            question.set += set.map { String(decoding: values.bytes($0), as: UTF8.self) }
        }
        return question
    }
}
