import Faults
import HTTPWire
import Records
import TestSupport

@testable import ChaosProxy

// How long an answer is going to be, as far as that can be told.
extension WitnessLedger {
    /// How much of its answer is still to come.
    func rest(_ exchange: WitnessExchange) -> Int {
        guard exchange.begun != nil else { return 0 }
        guard let count = expectedOut(exchange) else { return .max }
        return max(count - exchange.down.outCount, 0)
    }

    /// How many bytes its client gets if nothing ends before; nil if that cannot be told yet.
    func expectedOut(_ exchange: WitnessExchange) -> Int? {
        guard hasMessages, exchange.begun != nil, !isTrusted(exchange) else { return nil }
        let socket = exchange.client.socket
        if exchange.refusal != nil || isDisturbed(exchange) {
            guard let start = exchange.outStart else { return nil }
            let isHead = exchange.request?.isHead ?? false
            return Self.answerCount(socket.written[start...], isHead: isHead)
        }
        guard !exchange.honest.isEmpty else { return nil }
        var whole = exchange.honest.count
        if !isSite, exchange.respond == nil, let request = exchange.request {
            if request.answer.kind == .nonsense { return nil }
            // It promises more than comes.
            if let promised = request.answer.promised, promised > request.answer.content {
                return nil
            }
            // Its end is the backend's FIN, wherever that comes.
            if request.answer.kind == .untilEnd, !request.isHead {
                guard exchange.down.endIn != nil,
                    exchange.cameDown >= request.answer.headCount
                else { return nil }
                whole = exchange.down.inCount
            }
        }
        for fault in exchange.faults(.downstream) {
            // It ends the connection with the last byte.
            if case .limitData(let limit) = fault.toxic.fault, limit.bytes == Int64(whole),
                exchange.removed[fault.toxic.name] == nil
            {
                return nil
            }
            guard case .corrupt(let corrupt) = fault.toxic.fault else { continue }
            return corrupt.inject ? whole + corrupt.bytes : corrupt.bytes
        }
        return whole
    }

    /// Whether the kernel has taken all of its answer.
    func isComplete(_ exchange: WitnessExchange) -> Bool {
        guard exchange.begun != nil, let count = expectedOut(exchange),
            let start = exchange.outStart
        else { return false }
        return exchange.down.outCount >= count && exchange.client.socket.taken >= start + count
            && hasCome(exchange)
    }

    /// Whether what random bytes stand for has come.
    private func hasCome(_ exchange: WitnessExchange) -> Bool {
        guard !isSite, exchange.respond == nil, exchange.refusal == nil else { return true }
        let isReplaced = exchange.faults(.downstream).contains { fault in
            if case .corrupt(let corrupt) = fault.toxic.fault { !corrupt.inject } else { false }
        }
        return !isReplaced || exchange.down.inCount >= exchange.honest.count
    }

    /// Whether the site may not have understood what it was asked.
    func isDisturbed(_ exchange: WitnessExchange) -> Bool {
        isSite
            && exchange.faults(.upstream).contains { WitnessActs.alters($0.toxic.fault) }
    }

    static func answerCount(_ bytes: ArraySlice<UInt8>, isHead: Bool) -> Int? {
        guard let head = headCount(Array(bytes)) else { return nil }
        let text = String(decoding: bytes.prefix(head), as: UTF8.self)
        // What is not understood has no method.
        let isHead = isHead && !text.hasPrefix("HTTP/1.1 400 ")
        let line = text.split(separator: "\r\n").first { $0.hasPrefix("Content-Length: ") }
        return head + (isHead ? 0 : line.flatMap { Int($0.dropFirst(16)) } ?? 0)
    }

    /// Whether nobody outside can tell where its answer ends.
    func isTrusted(_ exchange: WitnessExchange) -> Bool {
        let down = exchange.faults(.downstream)
        if isDisturbed(exchange) { return down.contains { WitnessActs.alters($0.toxic.fault) } }
        return down.contains { fault in
            switch fault.toxic.fault {
            case .packetLoss(let loss): loss.lossRate != .never
            case .corrupt(let corrupt):
                down.count > 1 || exchange.sawChange || corrupt.bytes == 0
            default: false
            }
        }
    }

    /// Whether our FIN follows behind its answer, and belongs to it.
    func closes(_ exchange: WitnessExchange) -> Bool {
        guard let request = exchange.request else { return true }
        if request.closes { return true }
        let isServed = exchange.respond == nil && exchange.refusal == nil
        if !isSite, isServed, request.answer.kind == .untilEnd { return !request.isHead }
        guard exchange.refusal != nil || isDisturbed(exchange), let start = exchange.outStart
        else { return false }
        let bytes = exchange.client.socket.written[start...]
        return String(decoding: bytes, as: UTF8.self).contains("Connection: close")
    }
}
