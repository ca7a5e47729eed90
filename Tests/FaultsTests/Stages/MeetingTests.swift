import HTTPWire
import Testing

@testable import Faults

/// What a pipeline tells of the toxics that were in force.
struct MeetingTests {
    private let start = Instant(nanoseconds: 0)

    private func drawn(_ fault: Fault, _ name: String = "t") -> FaultPlan.DrawnFault {
        let effect: Effect
        if case .latency(let latency) = fault, latency.jitter == 0 {
            effect = .latency(latency.latency)
        } else {
            effect = .stage(seed: 1)
        }
        return FaultPlan.DrawnFault(
            toxic: Toxic(fault, stream: .downstream, name: name), draw: 0, effect: effect)
    }

    /// - Returns: whether each has acted when so many bytes had come.
    private func acted(_ faults: [FaultPlan.DrawnFault], _ count: Int) -> [Bool] {
        var pipeline = Pipeline(faults, stream: .downstream)
        var actions = Actions()
        pipeline.begin(at: start)
        let bytes = Bytes([UInt8](repeating: 7, count: count))
        pipeline.receive(.bytes(bytes), at: start, into: &actions)
        pipeline.receive(.boundary, at: start, into: &actions)
        var told = faults
        pipeline.tell(&told)
        return told.map(\.hasActed)
    }

    @Test func `a fault has acted if what left it was not what came`() {
        let faults: [(Fault, Bool)] = [
            (.latency(Latency(latency: 1, jitter: 0)), true),
            (.latency(Latency(latency: 0, jitter: 0)), false),
            (.limitData(LimitData(bytes: 11)), false), (.limitData(LimitData(bytes: 10)), true),
            (.bandwidth(Bandwidth(rate: 1000)), true),
            (.slicer(Slicer(averageSize: 10, sizeVariation: 0, delay: 0)), false),
            (.slicer(Slicer(averageSize: 9, sizeVariation: 0, delay: 0)), true),
            (.timeout(Timeout(timeout: 0)), true), (.resetPeer(ResetPeer(timeout: 9)), true),
            (.corrupt(Corrupt(bytes: 1, inject: false)), true),
            (.packetLoss(PacketLoss(lossRate: .never, correlation: .never)), false),
            (.packetLoss(PacketLoss(lossRate: .always, correlation: .never)), true),
            (.slowClose(SlowClose(delay: 1)), false),
        ]
        for (fault, hasActed) in faults {
            #expect(acted([drawn(fault)], 10) == [hasActed], "\(fault)")
        }
    }

    @Test func `what one has kept, the next one has not met`() {
        let loss = Fault.packetLoss(PacketLoss(lossRate: .always, correlation: .never))
        let limit = Fault.limitData(LimitData(bytes: 1))
        #expect(acted([drawn(loss, "a"), drawn(limit, "b")], 10) == [true, false])
        #expect(acted([drawn(limit, "b"), drawn(loss, "a")], 10) == [true, true])
    }

    @Test func `a toxic that is gone is told of, however often others came and went`() {
        let late = drawn(.latency(Latency(latency: 5, jitter: 0)), "late")
        var pipeline = Pipeline([late], stream: .downstream)
        var actions = Actions()
        pipeline.receive(.bytes(Bytes("x")), at: start, into: &actions)
        let other = drawn(.bandwidth(Bandwidth(rate: 0)), "other")
        for round in 0..<600 {
            pipeline.replace(
                with: round.isMultiple(of: 2) ? [other] : [], stream: .downstream, credits: nil,
                at: start, into: &actions)
        }
        let limit = drawn(.limitData(LimitData(bytes: 0)), "limit")
        pipeline.replace(
            with: [limit], stream: .downstream, credits: nil, at: start, into: &actions)
        pipeline.receive(.bytes(Bytes("y")), at: start, into: &actions)
        pipeline.keep(only: [], at: start, into: &actions)
        var told = [late, other, limit]
        pipeline.tell(&told)
        #expect(told.map(\.hasActed) == [true, false, true])
    }

    @Test func `of a connection's jitter the longest delay is told`() {
        let fault = drawn(.latency(Latency(latency: 1000, jitter: 900)))
        var pipeline = Pipeline([fault], stream: .downstream)
        var actions = Actions()
        var told = [fault]
        pipeline.tell(&told)
        #expect(told.map(\.effect) == [.latency(0)], "no piece has drawn yet")
        for _ in 0..<100 { pipeline.receive(.bytes(Bytes("x")), at: start, into: &actions) }
        told = [fault]
        pipeline.tell(&told)
        guard case .latency(let longest) = told[0].effect else {
            Issue.record("no delay is told")
            return
        }
        #expect((1800...1900).contains(longest))
    }
}
