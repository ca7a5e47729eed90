import TestSupport

@testable import ChaosProxy

/// One connection to the backend, and what the backend is still going to say on it.
final class WitnessBackend {
    enum Word {
        /// Bytes of an answer, or nobody's.
        case bytes([UInt8], of: WitnessExchange?)
        case end, reset
    }

    let socket: SimulatedSocket
    unowned let client: WitnessClient
    var words: [Word] = []
    /// Whose the bytes are that were sent and are not read yet.
    var onTheWay: [(exchange: WitnessExchange?, count: Int)] = []
    /// How much of what it was sent it has understood.
    var understood = 0
    var hasEnded = false
    /// Whether it owes an answer that it will never give.
    private var isSilent = false
    /// Our end has come, of whatever kind.
    var isLeft = false

    init(_ socket: SimulatedSocket, for client: WitnessClient) {
        (self.socket, self.client) = (socket, client)
    }

    /// Reads what it was sent; whole requests will be answered.
    func reads(_ random: inout TestGenerator) {
        // Answers come in order, or not at all.
        guard !isSilent else { return }
        for exchange in client.underWay where exchange.begun != nil && !exchange.wasAsked {
            guard exchange.refusal == nil else { continue }
            guard let request = exchange.request, exchange.respond == nil else { continue }
            let new = socket.written[understood...]
            guard new.starts(with: request.bytes) else { return }
            understood += request.bytes.count
            exchange.wasAsked = true
            answers(request.answer, exchange, &random)
            if isSilent { return }
        }
    }

    private func answers(
        _ answer: WitnessAnswer, _ exchange: WitnessExchange, _ random: inout TestGenerator
    ) {
        guard answer.kind != .silence else { return isSilent = true }
        exchange.honest = answer.bytes
        cut(answer.bytes, exchange, &random)
        if answer.surplus > 0 {
            let surplus = [UInt8](repeating: WitnessAnswer.excess, count: answer.surplus)
            words.append(.bytes(surplus, of: nil))
        }
        switch answer.kind {
        case .untilEnd, .short: words.append(.end)
        case .shortReset: words.append(.reset)
        case .nonsense: words.append(random.next(below: 2) == 0 ? .end : .reset)
        case .length, .chunked, .bodyless, .wrongBody, .excess, .silence: break
        }
    }

    func cut(_ bytes: [UInt8], _ exchange: WitnessExchange?, _ random: inout TestGenerator) {
        var rest = bytes[...]
        let longest = random.element(of: [10, 60, 1000])
        while !rest.isEmpty {
            let piece = rest.prefix(1 + random.next(below: longest))
            words.append(.bytes(Array(piece), of: exchange))
            rest = rest.dropFirst(piece.count)
        }
    }

    /// Says the next word.
    func speaks() {
        guard socket.isOpen, !words.isEmpty else { return }
        switch words.removeFirst() {
        case .bytes(let bytes, let exchange):
            onTheWay.append((exchange, bytes.count))
            socket.peerSends(bytes)
        case .end: ends()
        case .reset: resets()
        }
    }

    func ends() {
        (hasEnded, words) = (true, [])
        socket.peerEnds()
    }

    func resets() {
        (hasEnded, words) = (true, [])
        socket.peerResets()
    }
}
