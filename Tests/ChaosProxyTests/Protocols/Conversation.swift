import Testing

@testable import ChaosProxy

/// A client and a server that speak through a framing, and what it made of them.
struct Conversation {
    struct Request: Equatable {
        var text: String
        var count = 0
        var isComplete = false
        var isAnswered = true
    }

    struct Reply: Equatable {
        var count = 0
        var isComplete = false
        var status: UInt16?
    }

    /// What has to be the same however the bytes are cut.
    struct Outcome: Equatable {
        var requests: [Request] = []
        var replies: [Reply] = []
        var isUntilEnd = false
        var clientTunnels = false
        var serverTunnels = false
        var unusedSent: [UInt8] = []
        var unusedReceived: [UInt8] = []
    }

    enum Turn {
        case client(String)
        case server(String)
    }

    private(set) var outcome = Outcome()
    private(set) var reason = ""
    private var framing: any MessageFraming
    private var kinds: [UInt8] = []

    init(_ protocol: ProxyProtocol) {
        guard let framing = `protocol`.traits.framing else {
            preconditionFailure("only protocols with messages have conversations")
        }
        self.framing = framing()
    }

    /// - Parameter cut: how many bytes of each turn come first, or 0 for each byte on its own.
    init(_ protocol: ProxyProtocol, _ turns: [Turn], cut: Int = .max) {
        self.init(`protocol`)
        for turn in turns {
            switch turn {
            case .client(let text): pieces(text, cut).forEach { client($0) }
            case .server(let text): pieces(text, cut).forEach { server($0) }
            }
        }
    }

    private func pieces(_ text: String, _ cut: Int) -> [[UInt8]] {
        let bytes = Array(text.utf8)
        if cut == 0 { return bytes.map { [$0] } }
        return [Array(bytes.prefix(cut)), Array(bytes.dropFirst(cut))]
    }

    /// `GET /a 16`, with `...` where the end has not come and `!` where no reply will.
    var requests: [String] {
        outcome.requests.map {
            "\($0.text) \($0.count)\($0.isComplete ? "" : "...")\($0.isAnswered ? "" : "!")"
        }
    }

    /// `200 38`, with `...` where the end has not come.
    var replies: [String] {
        outcome.replies.map {
            ($0.status.map { "\($0) " } ?? "") + "\($0.count)\($0.isComplete ? "" : "...")"
        }
    }

    var tunnels: Bool { outcome.clientTunnels || outcome.serverTunnels }

    mutating func injected() {
        framing.injected()
        _ = kinds.popLast()
        client([])
    }

    // MARK: The client

    mutating func client(_ text: String) { client(Array(text.utf8)) }

    mutating func client(_ bytes: [UInt8]) {
        outcome.unusedSent += bytes
        while !outcome.clientTunnels, takeRequestStep() {}
    }

    /// - Returns: whether there may be another step.
    private mutating func takeRequestStep() -> Bool {
        let sent = outcome.unusedSent
        switch sent.withUnsafeBytes({ framing.request($0) }) {
        case .incomplete: return false
        case .tunnel(let reason):
            outcome.clientTunnels = true
            self.reason = reason
        case .begins(let head, let count, let isComplete):
            if outcome.requests.last?.isComplete == false { Issue.record("begins within another") }
            #expect(max(head.target.upperBound, head.method.upperBound) <= count)
            outcome.requests.append(
                Request(text: text(sent, head), isAnswered: head.isAnswered))
            if head.isAnswered { kinds.append(head.kind) }
            use(count, isComplete)
        case .continues(let count, let isComplete): use(count, isComplete)
        }
        return true
    }

    private func text(_ sent: [UInt8], _ head: RequestHead) -> String {
        let method = String(decoding: sent[head.method], as: UTF8.self)
        let target = String(decoding: sent[head.target], as: UTF8.self)
        return target.hasPrefix(method) ? target : "\(method) \(target)"
    }

    private mutating func use(_ count: Int, _ isComplete: Bool) {
        guard count <= outcome.unusedSent.count, count > 0 || isComplete,
            outcome.requests.last?.isComplete == false
        else {
            Issue.record("a step that uses what is not there, or nothing")
            outcome.clientTunnels = true
            return
        }
        outcome.unusedSent.removeFirst(count)
        outcome.requests[outcome.requests.count - 1].count += count
        outcome.requests[outcome.requests.count - 1].isComplete = isComplete
    }

    // MARK: The server

    mutating func server(_ text: String) { server(Array(text.utf8)) }

    mutating func server(_ bytes: [UInt8]) {
        outcome.unusedReceived += bytes
        while !outcome.serverTunnels, !outcome.isUntilEnd, takeResponseStep() {}
    }

    private mutating func takeResponseStep() -> Bool {
        let kind = kinds.first
        let received = outcome.unusedReceived
        switch received.withUnsafeBytes({ framing.response($0, to: kind) }) {
        case .incomplete: return false
        case .untilEnd: outcome.isUntilEnd = true
        case .tunnel(let reason):
            outcome.serverTunnels = true
            self.reason = reason
        case .bytes(let count, let isComplete, let status):
            guard count <= received.count, count > 0 else {
                Issue.record("a step that uses what is not there, or nothing")
                outcome.serverTunnels = true
                return false
            }
            outcome.unusedReceived.removeFirst(count)
            use(reply: count, isComplete, status)
        }
        client([])
        return true
    }

    private mutating func use(reply count: Int, _ isComplete: Bool, _ status: UInt16?) {
        if outcome.replies.last?.isComplete != false { outcome.replies.append(Reply()) }
        let last = outcome.replies.count - 1
        outcome.replies[last].count += count
        outcome.replies[last].isComplete = isComplete
        if let status {
            #expect(outcome.replies[last].status == nil)
            outcome.replies[last].status = status
        }
        if isComplete, !kinds.isEmpty { kinds.removeFirst() }
    }
}

extension Conversation {
    /// The same conversation whole, byte by byte and cut at every place.
    ///
    /// - Returns: the whole one.
    static func cutEverywhere(_ protocol: ProxyProtocol, _ turns: [Turn]) -> Conversation {
        let whole = Conversation(`protocol`, turns)
        let longest = turns.map { turn in
            switch turn {
            case .client(let text), .server(let text): text.utf8.count
            }
        }.max()
        for cut in 0..<(longest ?? 0) {
            let other = Conversation(`protocol`, turns, cut: cut)
            #expect(other.outcome == whole.outcome, "cut at \(cut)")
        }
        return whole
    }
}
