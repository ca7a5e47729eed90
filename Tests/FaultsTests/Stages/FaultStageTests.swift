import HTTPWire
import Testing

@testable import Faults

struct FaultStageTests {
    /// 20 000 connections that wait have one pipeline each.
    @Test func `a pipeline is small`() {
        #expect(MemoryLayout<Flow>.size == 24)
        #expect(MemoryLayout<LatencyStage>.size <= 56)
        #expect(MemoryLayout<Pipeline>.size <= 72)
        #expect(MemoryLayout<FaultPlan.DrawnFault>.stride <= 48)
    }

    private let byteFaults: [Fault] = [
        .latency(Latency(latency: 1, jitter: 0)), .latency(Latency(latency: 1, jitter: 1)),
        .bandwidth(Bandwidth(rate: 1)),
        .slicer(Slicer(averageSize: 1, sizeVariation: 0, delay: 1)),
        .limitData(LimitData(bytes: 1)),
        .slowClose(SlowClose(delay: 1)), .timeout(Timeout(timeout: 1)),
        .resetPeer(ResetPeer(timeout: 1)),
        .packetLoss(PacketLoss(lossRate: .never, correlation: .never)),
        .corrupt(Corrupt(bytes: 1, inject: false)),
    ]

    @Test func `every fault of bytes makes one stage, and the others none`() {
        for fault in byteFaults {
            #expect(!Pipeline([fault]).isEmpty, "\(fault)")
            #expect(fault.hasStage)
        }
        let ofBytes = FaultType.allCases.filter { $0.place == .bytes }
        #expect(Set(byteFaults.map(\.type)).count == ofBytes.count - 1)
        #expect(Pipeline([.noop(Noop())]).isEmpty)
    }

    @Test func `only latency can be given a prepared response`() {
        for fault in byteFaults {
            #expect(Pipeline([fault]).needsBytes == (fault.type != Latency.type), "\(fault)")
        }
        #expect(!Pipeline().needsBytes)
        #expect(Pipeline([byteFaults[0], .slowClose(SlowClose(delay: 1))]).needsBytes)
    }

    @Test func `a prepared response passes those that cannot treat it`() {
        let response = PreparedResponse(200, fields: [], body: Bytes("x"))
        for fault in byteFaults {
            var pipeline = Pipeline([fault])
            let isSwallowed = [Timeout.type, ResetPeer.type].contains(fault.type)
            let left =
                pipeline.receive(.prepared(response), at: 0) + pipeline.run().map(\.text)
            #expect(left.contains("prepared") != isSwallowed, "\(fault)")
        }
    }

    @Test func `the beginning is told to all stages`() {
        var pipeline = Pipeline([.slowClose(SlowClose(delay: 1)), .timeout(Timeout(timeout: 5))])
        #expect(pipeline.deadline == nil)
        pipeline.begin(at: Instant(nanoseconds: 100))
        #expect(pipeline.run() == [Departure(106, "fin")])
    }

    @Test func `slow_close holds back the end of limit_data in either order`() {
        let limit = Fault.limitData(LimitData(bytes: 2))
        let slow = Fault.slowClose(SlowClose(delay: 100))
        for faults in [[limit, slow], [slow, limit]] {
            var pipeline = Pipeline(faults)
            #expect(pipeline.receive("abc", at: 5) == ["ab"])
            #expect(pipeline.receive("d", at: 6) == [])
            #expect(pipeline.run() == [Departure(105, "fin")])
        }
    }

    @Test func `an earlier cut keeps its place behind what later stages hold`() {
        var pipeline = Pipeline([
            .limitData(LimitData(bytes: 2)), .latency(Latency(latency: 100, jitter: 0)),
        ])
        #expect(pipeline.receive("abc", at: 0) == [])
        #expect(pipeline.run() == [Departure(100, "ab"), Departure(100, "fin")])
        var slow = Pipeline([.limitData(LimitData(bytes: 2)), .bandwidth(Bandwidth(rate: 10))])
        #expect(slow.receive("abc", at: 0) == [])
        #expect(
            slow.run() == [
                Departure(100_000_000, "a"), Departure(200_000_000, "b"),
                Departure(200_000_000, "fin"),
            ])
    }

    @Test func `a late timer adds no drift through bandwidth and latency`() {
        var pipeline = Pipeline([
            .bandwidth(Bandwidth(rate: 10)), .latency(Latency(latency: 30, jitter: 0)),
        ])
        #expect(pipeline.receive("abc", at: 0) == [])
        #expect(pipeline.wake(at: 200_000_031) == ["a", "b"])
        #expect(pipeline.run() == [Departure(300_000_030, "c")])
    }
}
