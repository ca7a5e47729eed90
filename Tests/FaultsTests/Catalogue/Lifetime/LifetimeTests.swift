import HTTPWire
import Testing

@testable import Faults

struct LifetimeTests {
    private func pipeline(_ fault: Fault, request: UInt64) -> Pipeline {
        let toxic = Toxic(fault, stream: fault.type.stream)
        let drawn = FaultPlan.DrawnFault(toxic: toxic, draw: 0, effect: .stage(seed: request))
        return Pipeline([drawn], stream: toxic.stream)
    }

    /// What comes out, a flow each: the text, or what it is.
    private func out(_ pipeline: inout Pipeline, _ flows: [Flow]) -> [String] {
        var actions = Actions()
        for flow in flows {
            pipeline.receive(flow, at: Instant(nanoseconds: 0), into: &actions)
        }
        return actions.forwarded.map(Self.text)
    }

    private static func text(_ flow: Flow) -> String {
        switch flow {
        case .bytes(let bytes):
            (bytes.harm == .foreign ? "!" : "") + (bytes.isHead ? "^" : "")
                + String(decoding: bytes.memory ?? .init(start: nil, count: 0), as: UTF8.self)
        case .prepared: "prepared"
        case .boundary: "boundary"
        case .end: "end"
        case .cut(let cut): "\(cut)"
        }
    }

    private func hasActed(_ pipeline: Pipeline, _ fault: Fault) -> Bool {
        let toxic = Toxic(fault, stream: fault.type.stream)
        var faults = [FaultPlan.DrawnFault(toxic: toxic, draw: 0, effect: .stage(seed: 0))]
        pipeline.tell(&faults)
        return faults[0].hasActed
    }

    @Test func `the race ends every request but the first`() {
        let race = Fault.keepaliveRace(KeepaliveRace())
        var first = pipeline(race, request: 1)
        #expect(out(&first, [.bytes(Bytes("GET")), .boundary]) == ["GET", "boundary"])
        #expect(!hasActed(first, race))
        var second = pipeline(race, request: 2)
        #expect(out(&second, [.bytes(Bytes("GET")), .boundary]) == ["fin"])
        #expect(hasActed(second, race))
    }

    @Test func `close-after ends behind the answer that it says`() {
        let fault = Fault.closeAfter(CloseAfter(requests: 2))
        var first = pipeline(fault, request: 1)
        #expect(out(&first, [.bytes(Bytes("a")), .boundary]) == ["a", "boundary"])
        #expect(!hasActed(first, fault))
        for number in [2, 3] as [UInt64] {
            var last = pipeline(fault, request: number)
            #expect(out(&last, [.bytes(Bytes("a")), .boundary]) == ["a", "boundary", "fin"])
            #expect(hasActed(last, fault))
        }
    }

    @Test func `a lie about keep-alive stands behind the status line, and the end behind the body`()
    {
        var lying = pipeline(.lyingKeepAlive(LyingKeepAlive()), request: 1)
        let head = "HTTP/1.1 200 OK\r\nA: b\r\nConnection: close\r\nKeep-Alive: x\r\nC: d\r\n\r\n"
        let flows: [Flow] = [.bytes(Bytes(head).asHead), .bytes(Bytes("body")), .boundary]
        #expect(
            out(&lying, flows) == [
                "^HTTP/1.1 200 OK\r\n", "!Connection: keep-alive\r\n", "^A: b\r\n",
                "^C: d\r\n\r\n", "body", "boundary", "fin",
            ])
    }

    @Test func `a close that stays is only said`() {
        var stays = pipeline(
            .connectionCloseStays(ConnectionCloseStays(time: 5)), request: 1)
        let head = "HTTP/1.1 204 No Content\r\n\r\n"
        #expect(
            out(&stays, [.bytes(Bytes(head).asHead), .boundary]) == [
                "^HTTP/1.1 204 No Content\r\n", "!Connection: close\r\n", "^\r\n", "boundary",
            ])
    }

    @Test func `a head in pieces is the same head, and interim answers go by`() {
        let head =
            "HTTP/1.1 103 Early Hints\r\nL: x\r\n\r\nHTTP/1.1 200 OK\r\nconnection: a\r\n\r\n"
        for size in 1...head.utf8.count {
            var stays = pipeline(
                .connectionCloseStays(ConnectionCloseStays(time: 5)), request: 1)
            let bytes = Array((head + "body").utf8)
            let pieces = stride(from: 0, to: bytes.count, by: size).map { start in
                Flow.bytes(Bytes(Array(bytes[start..<min(start + size, bytes.count)])))
            }
            let left = out(&stays, pieces + [.boundary]).joined().replacing("^", with: "")
            #expect(
                left == "HTTP/1.1 103 Early Hints\r\nL: x\r\n\r\nHTTP/1.1 200 OK\r\n"
                    + "!Connection: close\r\n\r\nbodyboundary", "\(size)")
        }
    }

    @Test func `what is no head goes by as it is, and so does one without an end`() {
        var stays = pipeline(
            .connectionCloseStays(ConnectionCloseStays(time: 5)), request: 1)
        #expect(out(&stays, [.bytes(Bytes("no head")), .end]) == ["no head", "end"])
        var long = pipeline(.lyingKeepAlive(LyingKeepAlive()), request: 1)
        let endless = String(repeating: "A: b\r\n", count: 20_000)
        let left = out(&long, [.bytes(Bytes(endless)), .bytes(Bytes("c"))])
        #expect(left == [endless, "c"])
        #expect(long.heldBytes == 0)
    }

    @Test func `idle-close makes no stage`() {
        #expect(pipeline(.idleClose(IdleClose(time: 5)), request: 1).isEmpty)
    }
}
