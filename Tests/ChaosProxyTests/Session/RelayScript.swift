import Faults
import HTTPWire
import TestSupport

@testable import ChaosProxy

/// What a client and a backend say, cut at random, with everything that happens between.
struct RelayScript {
    var generator: TestGenerator
    let harness: RelayHarness
    private(set) var requests: [UInt8] = []
    private(set) var replies: [UInt8] = []
    /// How much of `requests` the backend must have before so much of `replies` may come.
    private var gates: [(requests: Int, replies: Int)] = []
    private var sent = 0
    private var replied = 0
    private var time: UInt64 = 0

    init(seed: UInt64, _ protocol: ProxyProtocol, isConnected: Bool = false) throws {
        generator = TestGenerator(seed: seed &* 0x9e37_79b9_7f4a_7c15 | 1)
        harness = try RelayHarness(
            `protocol`, isConnected: isConnected, wantsRecords: generator.next(below: 2) == 0)
        for index in 0..<generator.next(below: 9) { exchange(index) }
    }

    private mutating func exchange(_ index: Int) {
        let body = String(repeating: "\(index)", count: generator.next(below: 400))
        let size = String(body.utf8.count, radix: 16)
        let chunked = "\r\nTransfer-Encoding: chunked\r\n\r\n"
        let coded = body.isEmpty ? "0\r\n\r\n" : "\(size);x\r\n\(body)\r\n0\r\n\r\n"
        let length = "\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
        let request = "\(index) HTTP/1.1\r\nHost: x"
        requests +=
            generator.element(of: [
                "GET /\(request)\r\n\r\n", "POST /\(request)\(length)\(body)",
                "POST /\(request)\(chunked)\(coded)",
            ]).utf8
        replies +=
            generator.element(of: [
                "HTTP/1.1 200 OK\(length)\(body)", "HTTP/1.1 200 OK\(chunked)\(coded)",
                "HTTP/1.1 204 No Content\r\n\r\n",
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 No\(length)\(body)",
            ]).utf8
        gates.append((requests.count, replies.count))
    }

    var isDone: Bool { sent == requests.count && replied == replies.count }

    mutating func number(_ bound: Int) -> Int { generator.next(below: bound) }

    mutating func send() {
        let count = min(1 + number(number(3) == 0 ? 2000 : 60), requests.count - sent)
        harness.send(Array(requests[sent..<(sent + count)]))
        sent += count
    }

    mutating func reply() {
        let there = harness.backend.output.count
        let allowed = gates.last { $0.requests <= there }?.replies ?? 0
        let count = min(1 + number(number(3) == 0 ? 2000 : 60), allowed - replied)
        guard count > 0 else { return }
        harness.reply(Array(replies[replied..<(replied + count)]))
        replied += count
    }

    mutating func wait(_ longest: Int) {
        time += UInt64(number(longest))
        harness.advance(to: time)
    }

    mutating func toggleQueue(of stream: FakeStream) {
        guard stream.isOpen else { return }
        if stream.queuedBytes == 0 {
            stream.queuedBytes = 256 << 10
        } else {
            harness.drain(stream)
        }
    }

    mutating func changeToxics(_ faults: [Fault]) {
        var toxics: [Toxic] = []
        for fault in faults where number(4) == 0 {
            let toxic = Toxic(fault, stream: number(2) == 0 ? .upstream : .downstream)
            if !toxics.contains(where: { $0.name == toxic.name }) { toxics.append(toxic) }
        }
        harness.set(toxics)
    }

    /// One thing that changes no byte.
    mutating func step(_ faults: [Fault]) {
        switch number(12) {
        case 0...3: send()
        case 4...6: reply()
        case 7: changeToxics(faults)
        case 8: toggleQueue(of: harness.client)
        case 9: toggleQueue(of: harness.backend)
        case 10: harness.connect()
        default: wait(50_000_000)
        }
    }

    /// Says what is left, and waits until all of it has come.
    mutating func finish() {
        harness.connect()
        for stream in [harness.client, harness.backend] where stream.queuedBytes > 0 {
            harness.drain(stream)
        }
        var rounds = 0
        while !isDone, rounds < 5000 {
            send()
            reply()
            wait(50_000_000)
            rounds += 1
        }
        wait(1)
        harness.advance(to: time + 1000 * .second)
    }

    /// Times and sizes that lose nothing.
    static let delays: [Fault] = [
        .noop(Noop()), .latency(Latency(latency: 3_000_000, jitter: 2_000_000)),
        .latency(Latency(latency: 7, jitter: 0)),
        .bandwidth(Bandwidth(rate: 100_000)), .bandwidth(Bandwidth(rate: 7_000_000)),
        .slicer(Slicer(averageSize: 50, sizeVariation: 20, delay: 1_000_000)),
        .slowClose(SlowClose(delay: 5_000_000)),
    ]

    static let damage: [Fault] =
        delays + [
            .limitData(LimitData(bytes: 100)), .limitData(LimitData(bytes: 0)),
            .timeout(Timeout(timeout: 0)),
            .timeout(Timeout(timeout: 20_000_000)), .resetPeer(ResetPeer(timeout: 0)),
            .resetPeer(ResetPeer(timeout: 9_000_000)),
            .packetLoss(PacketLoss(lossRate: Probability(0.2) ?? .always, correlation: .never)),
            .corrupt(Corrupt(bytes: 30, inject: true)), .corrupt(Corrupt(bytes: 30, inject: false)),
            .bandwidth(Bandwidth(rate: 0)), .respond(.standard),
        ]
}
