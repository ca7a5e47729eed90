import HTTPWire
import Testing

@testable import Faults

struct FaultStageTests {
    /// 20 000 connections that wait have one pipeline each.
    @Test func `a pipeline is small`() {
        #expect(MemoryLayout<Flow>.size == 24)
        #expect(MemoryLayout<Latency>.size <= 56)
        #expect(MemoryLayout<Pipeline>.size <= 72)
        #expect(MemoryLayout<FaultPlan.DrawnFault>.stride <= 48)
    }

    private let byteFaults: [Fault] = [
        .latency(latency: 1, jitter: 0), .latency(latency: 1, jitter: 1), .bandwidth(rate: 1),
        .slicer(averageSize: 1, sizeVariation: 0, delay: 1), .limitData(bytes: 1),
        .slowClose(delay: 1), .timeout(timeout: 1), .resetPeer(timeout: 1),
        .packetLoss(lossRate: .never, correlation: .never), .corrupt(bytes: 1, inject: false),
    ]

    @Test func `every fault of bytes makes one stage, and the others none`() {
        for fault in byteFaults {
            #expect(!Pipeline([fault]).isEmpty, "\(fault)")
            #expect(FaultStage.exists(for: Pipeline.drawn([fault])[0]))
        }
        #expect(Set(byteFaults.map(\.type)).count == FaultType.allCases.count - 2)
        #expect(!FaultStage.exists(for: Pipeline.drawn([.noop])[0]))
    }

    @Test func `only latency can be given a prepared response`() {
        for fault in byteFaults {
            #expect(Pipeline([fault]).needsBytes == (fault.type != .latency), "\(fault)")
        }
        #expect(!Pipeline().needsBytes)
        #expect(Pipeline([byteFaults[0], .slowClose(delay: 1)]).needsBytes)
    }

    @Test func `a prepared response passes those that cannot treat it`() {
        let response = PreparedResponse(200, fields: [], body: Bytes("x"))
        for fault in byteFaults {
            var pipeline = Pipeline([fault])
            let isSwallowed = [.timeout, .resetPeer].contains(fault.type)
            let left =
                pipeline.receive(.prepared(response), at: 0) + pipeline.run().map(\.text)
            #expect(left.contains("prepared") != isSwallowed, "\(fault)")
        }
    }

    @Test func `the beginning is told to all stages`() {
        var pipeline = Pipeline([.slowClose(delay: 1), .timeout(timeout: 5)])
        #expect(pipeline.deadline == nil)
        pipeline.begin(at: Instant(nanoseconds: 100))
        #expect(pipeline.run() == [Departure(105, "fin")])
    }

    @Test func `an earlier cut keeps its place behind what later stages hold`() {
        var pipeline = Pipeline([.limitData(bytes: 2), .latency(latency: 100, jitter: 0)])
        #expect(pipeline.receive("abc", at: 0) == [])
        #expect(pipeline.run() == [Departure(100, "ab"), Departure(100, "fin")])
        var slow = Pipeline([.limitData(bytes: 2), .bandwidth(rate: 10)])
        #expect(slow.receive("abc", at: 0) == [])
        #expect(
            slow.run() == [
                Departure(100_000_000, "a"), Departure(200_000_000, "b"),
                Departure(200_000_000, "fin"),
            ])
    }

    @Test func `a late timer adds no drift through bandwidth and latency`() {
        var pipeline = Pipeline([.bandwidth(rate: 10), .latency(latency: 30, jitter: 0)])
        #expect(pipeline.receive("abc", at: 0) == [])
        #expect(pipeline.wake(at: 200_000_031) == ["a", "b"])
        #expect(pipeline.run() == [Departure(300_000_030, "c")])
    }

    @Test func `credits do not keep the names of toxics that are gone`() {
        let credits = BandwidthCredits()
        let first = credits.credit(named: "a")
        let isSame = credits.credit(named: "a") === first
        #expect(isSame)
        for index in 0..<1000 { _ = credits.credit(named: "\(index)") }
        #expect(credits.count <= 2)
    }
}
