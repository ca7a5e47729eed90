@testable import ChaosProxy

/// A conversation through a framing: what follows a byte 1 is the server's, what follows a byte 2
/// its client's again.
enum FuzzFraming {
    private static let mostTurns = 32

    static func check(_ input: UnsafeRawBufferPointer, _ protocol: ProxyProtocol) throws {
        guard let framing = `protocol`.traits.framing else { return }
        var cuts = FuzzCuts(input)
        var (whole, cut) = (FramedTalk(framing()), FramedTalk(framing()))
        var (isServer, turns, start) = (false, 0, input.startIndex)
        while start < input.endIndex, turns < mostTurns {
            let end = input[start...].firstIndex { $0 == 1 || $0 == 2 } ?? input.endIndex
            let bytes = Array(input[start..<end])
            try whole.take(bytes, isServer: isServer)
            for piece in cuts.pieces(of: bytes) { try cut.take(piece, isServer: isServer) }
            guard end < input.endIndex else { break }
            (isServer, turns, start) = (input[end] == 1, turns + 1, end + 1)
        }
        try hold(
            whole.messages == cut.messages,
            "cut elsewhere there are others: \(whole.messages), \(cut.messages)")
    }
}

/// What a framing makes of a conversation.
struct FramedTalk {
    private struct Way {
        var bytes: [UInt8] = []
        /// Of which so many are used.
        var used = 0
        /// Whether nothing is told apart any more.
        var isOver = false
        /// Of the message under way; nil if there is none.
        var count: Int?

        var rest: ArraySlice<UInt8> { bytes[used...] }
    }

    private var framing: any MessageFraming
    private var client = Way()
    private var server = Way()
    private var kinds: [UInt8] = []
    private var request = ""
    private var status: UInt16?
    /// Those that were complete. Where a malformed one lies may depend on the pieces.
    private(set) var messages: [String] = []

    init(_ framing: any MessageFraming) {
        self.framing = framing
    }

    mutating func take(_ bytes: [UInt8], isServer: Bool) throws {
        if isServer { server.bytes += bytes } else { client.bytes += bytes }
        if isServer {
            while !server.isOver, try takeResponse() { try takeRequests() }
        }
        try takeRequests()
    }

    // MARK: Requests

    private mutating func takeRequests() throws {
        while !client.isOver, try takeRequest() {}
    }

    /// - Returns: whether there may be another step.
    private mutating func takeRequest() throws -> Bool {
        let rest = Array(client.rest)
        switch rest.withUnsafeBytes({ framing.request($0) }) {
        case .incomplete: return false
        case .tunnel(let reason):
            try hold(!reason.isEmpty, "a tunnel without a reason")
            client.isOver = true
        case .begins(let head, let count, let isComplete):
            try hold(client.count == nil, "a request begins within another")
            try hold(
                max(head.method.upperBound, head.target.upperBound) <= count,
                "the head of a request lies behind its bytes")
            request = String(decoding: rest[head.target], as: UTF8.self)
            if head.isAnswered { kinds.append(head.kind) }
            client.count = 0
            try use(request: count, isComplete)
        case .continues(let count, let isComplete):
            try hold(client.count != nil, "what has not begun goes on")
            try use(request: count, isComplete)
        }
        return true
    }

    private mutating func use(request count: Int, _ isComplete: Bool) throws {
        try hold(
            count <= client.rest.count && (count > 0 || isComplete),
            "a request uses \(count) of \(client.rest.count) bytes")
        client.used += count
        let sum = (client.count ?? 0) + count
        client.count = isComplete ? nil : sum
        if isComplete { messages.append("> \(request) \(sum)") }
    }

    // MARK: Replies

    private mutating func takeResponse() throws -> Bool {
        let rest = Array(server.rest)
        let step = rest.withUnsafeBytes { framing.response($0, to: kinds.first) }
        switch step {
        case .incomplete: return false
        case .tunnel, .untilEnd: server.isOver = true
        case .bytes(let count, let isComplete, let status):
            try hold(
                count > 0 && count <= rest.count, "a reply uses \(count) of \(rest.count) bytes")
            try checkContent(count)
            server.used += count
            if let status {
                try hold(self.status == nil, "a reply has two statuses")
                self.status = status
            }
            let sum = (server.count ?? 0) + count
            server.count = isComplete ? nil : sum
            guard isComplete else { return true }
            messages.append("< \(self.status ?? 0) \(sum)")
            self.status = nil
            if !kinds.isEmpty { kinds.removeFirst() }
        }
        return true
    }

    /// Content lies within what was used, in order.
    private func checkContent(_ count: Int) throws {
        var place = 0
        for range in framing.content ?? [] {
            try hold(
                range.lowerBound >= place && range.upperBound <= count,
                "content at \(range) of \(count) bytes")
            place = range.upperBound
        }
    }
}
