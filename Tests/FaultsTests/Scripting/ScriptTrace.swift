import HTTPWire

@testable import Faults

/// What a script does with one connection, on simulated time: a client that takes everything at
/// once and a site with two objects.
struct ScriptTrace {
    enum Event: Equatable {
        /// What the honest answer is made for, if it is not the client's own request.
        case asks([String])
        case head(status: Int?, statusLine: Int, promised: Int?)
        /// All that leaves at one instant.
        case bytes([UInt8])
        case half, end, fin, rst
        /// The next request comes.
        case request
        /// Nothing more comes of it until the client leaves.
        case waits
    }

    struct Step: Equatable {
        let at: Nanoseconds
        var event: Event
    }

    private(set) var steps: [Step] = []
    private(set) var beginning = ScriptRun.Beginning.complete

    private var gathered: (at: Nanoseconds, bytes: [UInt8]) = (0, [])

    /// All bytes, one behind the other.
    var bytes: [UInt8] {
        steps.flatMap { step -> [UInt8] in
            if case .bytes(let bytes) = step.event { bytes } else { [] }
        }
    }

    /// The bytes behind the first empty line.
    var content: [UInt8] {
        let all = bytes
        let end = all.indices.first { all[$0...].starts(with: "\r\n\r\n".utf8) }
        return end.map { Array(all[($0 + 4)...]) } ?? []
    }

    /// How it ended, and when.
    var last: Step? { steps.last }

    /// - Parameters:
    ///   - arguments: in base units; defaults for the others.
    ///   - site: what the answers are made of.
    ///   - first: of the range that the client asks for; nil: it asks for all.
    init(
        _ script: Script, _ arguments: [String: Quantity] = [:], site: FakeSite = FakeSite(),
        first: Int? = nil, isHead: Bool = false
    ) {
        let defaults = script.parameters.map { ($0.name, $0.defaultQuantity) }
        let all = Dictionary(uniqueKeysWithValues: defaults).merging(arguments) { $1 }
        var run = ScriptRun(ScriptFault(script, all), seed: 42)
        var now = Instant(nanoseconds: 0)
        beginning = run.beginning
        var isAsked = run.beginning != .accept
        if isAsked { run.take(site.request(isHead: isHead)) }
        running: while !run.isOver {
            if let question = run.question {
                note(question, at: now)
                let answer = site.answer(question, first: first, isHead: isHead)
                run.take(answer, other: question.needsOther ? site.other : nil)
            }
            let actions = run.run(at: now, room: 65_536)
            for action in actions { note(action, at: now) }
            if case .awaitRequest? = actions.last {
                run.take(site.request(isHead: isHead))
            } else if actions.isEmpty, run.question == nil, !run.isOver {
                if let deadline = run.deadline {
                    now = max(now, deadline)
                } else if run.beginning == .accept, !isAsked {
                    isAsked = true
                    add(.request, at: now)
                    run.take(site.request(isHead: isHead))
                } else {
                    add(.waits, at: now)
                    break running
                }
            }
        }
        gather()
    }

    private mutating func note(_ question: ScriptRun.Question, at now: Instant) {
        let asks = question.dropped.map { "drop \($0)" } + question.set.map { "set \($0)" }
        if !asks.isEmpty { add(.asks(asks), at: now) }
    }

    private mutating func note(_ action: ScriptAction, at now: Instant) {
        switch action {
        case .head(let status, let statusLine, let promised):
            let code = status.map { Int($0.code) }
            add(.head(status: code, statusLine: statusLine, promised: promised), at: now)
        case .bytes(let bytes): add(bytes, at: now)
        case .cut(.fin): add(.fin, at: now)
        case .cut(.rst): add(.rst, at: now)
        case .half: add(.half, at: now)
        case .awaitRequest: add(.request, at: now)
        case .end: add(.end, at: now)
        }
    }

    private mutating func add(_ bytes: Bytes, at now: Instant) {
        if now.nanoseconds != gathered.at { gather() }
        gathered.at = now.nanoseconds
        if let memory = bytes.memory {
            gathered.bytes.append(contentsOf: memory.bindMemory(to: UInt8.self))
        }
    }

    /// Bytes that have left at the same instant are one step.
    private mutating func gather() {
        guard !gathered.bytes.isEmpty else { return }
        steps.append(Step(at: gathered.at, event: .bytes(gathered.bytes)))
        gathered.bytes = []
    }

    private mutating func add(_ event: Event, at now: Instant) {
        gather()
        steps.append(Step(at: now.nanoseconds, event: event))
    }
}
