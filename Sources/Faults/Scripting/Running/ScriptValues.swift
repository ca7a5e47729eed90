import HTTPWire

/// What variables are, while a script is at work.
struct ScriptValues: Sendable {
    var request = ScriptRequest()
    var answer = HonestFacts()
    var other = HonestFacts()
    /// The round of the innermost loop.
    var round = 0
    /// Of the parameters, in their order.
    let arguments: [Quantity]

    /// - Parameters:
    ///   - whole: what a share is of.
    ///   - variable: one that is a number.
    func number(_ variable: ScriptVariable, of whole: Int) -> Int64 {
        switch variable {
        case .length: Int64(answer.length)
        case .size: Int64(answer.size)
        case .first: Int64(answer.first)
        case .last: Int64(answer.last)
        case .otherLength: Int64(other.length)
        case .coded(let coding): Int64(coding.count(answer.length))
        case .round: Int64(round)
        case .date: request.date
        case .parameter(let index): number(arguments[index], of: whole)
        // The reader lets none of these stand for a number.
        case .etag, .type, .otherETag, .target, .path, .authority, .elsewhere, .next: 0
        }
    }

    private func number(_ argument: Quantity, of whole: Int) -> Int64 {
        switch argument {
        case .number(let number): number
        case .fraction(let share): ScriptExpression.share(share, of: whole)
        case .word, .text, .fields: 0
        }
    }

    /// A size, a time or a count: never below zero.
    func value(_ expression: ScriptExpression) -> Int {
        let whole = answer.length
        return Int(max(expression.value(of: whole) { number($0, of: whole) }, 0))
    }

    /// The part of so many bytes; a place past their end is their end.
    func part(_ range: ScriptRange, of whole: Int) -> (part: Range<Int>, isPastEnd: Bool) {
        let from = place(range.from, of: whole) ?? 0
        let to = place(range.to, of: whole) ?? whole
        let start = min(from, whole)
        return (start..<max(min(to, whole), start), from > whole || to > whole)
    }

    private func place(_ expression: ScriptExpression?, of whole: Int) -> Int? {
        expression.map { Int(max($0.value(of: whole) { number($0, of: whole) }, 0)) }
    }

    func bytes(_ text: ScriptText) -> [UInt8] {
        if let constant = text.constant { return constant }
        var bytes: [UInt8] = []
        for part in text.parts {
            switch part {
            case .literal(let literal): bytes += literal
            case .variable(let variable, let plus):
                bytes += string(variable, plus: plus).utf8
            }
        }
        return bytes
    }

    private func string(_ variable: ScriptVariable, plus: Int64) -> String {
        switch variable {
        case .etag: answer.etag
        case .type: answer.type
        case .otherETag: other.etag
        case .target: request.target
        case .path: request.path
        case .authority: request.authority
        case .elsewhere: request.elsewhere
        case .next: request.next
        case .date: HTTPDate.string(request.date + plus)
        case .parameter(let index) where isText(index): text(index)
        case .length, .size, .first, .last, .otherLength, .coded, .round, .parameter:
            "\(Self.sum(number(variable, of: answer.length), plus))"
        }
    }

    private static func sum(_ number: Int64, _ plus: Int64) -> Int64 {
        let (result, overflow) = number.addingReportingOverflow(plus)
        return overflow ? (plus < 0 ? .min : .max) : result
    }

    private func isText(_ index: Int) -> Bool {
        if case .word = arguments[index] { true } else { times.contains(index) }
    }

    /// The places of those parameters that are times.
    let times: Set<Int>

    private func text(_ index: Int) -> String {
        switch arguments[index] {
        case .word(let word), .text(let word): word
        case .fields: ""
        // In seconds.
        case .number(let time): Notation.shortest(Double(time) / 1e9)
        case .fraction(let fraction): Notation.shortest(fraction)
        }
    }
}
