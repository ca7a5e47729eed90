import HTTPWire
import TestSupport
import Testing

@testable import Faults

struct PipelineReplaceTests {
    private func latency(_ delay: Nanoseconds) -> Fault {
        .latency(Latency(latency: delay, jitter: 0))
    }

    @Test func `a removed stage lets what it holds go through those behind it`() {
        var pipeline = Pipeline([latency(100), latency(30)])
        _ = pipeline.receive("a", at: 0)
        _ = pipeline.receive("b", at: 50)
        #expect(pipeline.wake(at: 100) == [])
        // a lies in the second stage until 130, b in the first.
        #expect(pipeline.replace(with: [latency(30)], names: ["1"], at: 110) == [])
        #expect(pipeline.run() == [Departure(130, "a"), Departure(140, "b")])
    }

    @Test func `all removed, everything goes at once and in order`() {
        var pipeline = Pipeline([latency(100), .bandwidth(Bandwidth(rate: 0)), latency(50)])
        for text in ["a", "b"] { _ = pipeline.receive(text, at: 0) }
        _ = pipeline.receiveEnd(at: 0)
        #expect(pipeline.wake(at: 100) == [])
        _ = pipeline.receive("c", at: 100)
        #expect(pipeline.replace(with: [], at: 101) == ["a", "b", "end", "c"])
        #expect(pipeline.isEmpty)
        #expect(pipeline.receive("d", at: 102) == ["d"])
    }

    @Test func `a kept stage goes on with what it has counted and other attributes`() {
        var pipeline = Pipeline([.limitData(LimitData(bytes: 5))])
        #expect(pipeline.receive("abcd", at: 0) == ["abcd"])
        #expect(pipeline.replace(with: [.limitData(LimitData(bytes: 6))], at: 1) == [])
        #expect(pipeline.receive("efg", at: 2) == ["ef", "fin"])
    }

    @Test func `the same toxics again change nothing`() {
        let faults: [Fault] = [
            latency(10), .bandwidth(Bandwidth(rate: 10)),
            .slicer(Slicer(averageSize: 1, sizeVariation: 0, delay: 5)),
            .slowClose(SlowClose(delay: 10)),
        ]
        var (one, other) = (Pipeline(faults), Pipeline(faults))
        for text in ["ab", "cd"] {
            _ = one.receive(text, at: 0)
            _ = other.receive(text, at: 0)
        }
        var departures: [Departure] = []
        for _ in 0..<50 {
            guard let due = one.deadline else { break }
            #expect(one.replace(with: faults, at: due.nanoseconds - 1) == [])
            departures += one.run(until: due.nanoseconds)
        }
        #expect(departures == other.run())
        #expect(departures.map(\.text) == ["a", "b", "c", "d"])
    }

    @Test func `another fault of the same name is another stage`() {
        var pipeline = Pipeline([latency(100)])
        _ = pipeline.receive("a", at: 0)
        #expect(pipeline.replace(with: [.limitData(LimitData(bytes: 1))], at: 1) == ["a"])
        #expect(pipeline.receive("b", at: 2) == ["b", "fin"])
    }

    @Test func `new stages stand where their order says`() {
        var pipeline = Pipeline([latency(100)])
        _ = pipeline.receive("a", at: 0)
        let faults = [latency(7), latency(100), latency(30)]
        #expect(pipeline.replace(with: faults, names: ["x", "0", "y"], at: 10) == [])
        _ = pipeline.receive("b", at: 10)
        #expect(pipeline.run() == [Departure(130, "a"), Departure(147, "b")])
    }

    @Test func `stages that change their order lose nothing and keep the order of flows`() {
        var pipeline = Pipeline([latency(100), latency(30)])
        for index in 0..<10 { _ = pipeline.receive("\(index)", at: UInt64(index)) }
        _ = pipeline.wake(at: 105)
        let left = pipeline.replace(with: [latency(30), latency(100)], names: ["1", "0"], at: 106)
        let texts = left + pipeline.run().map(\.text)
        #expect(texts == (0..<10).map(String.init))
    }

    @Test func `a new timeout counts from now and takes in what comes`() {
        var pipeline = Pipeline([latency(10)])
        _ = pipeline.receive("a", at: 0)
        #expect(pipeline.replace(with: [latency(10), .timeout(Timeout(timeout: 50))], at: 5) == [])
        #expect(pipeline.run() == [Departure(55, "fin")])
    }

    @Test func `a timeout that is removed cuts, through what is behind it`() {
        var pipeline = Pipeline([.timeout(Timeout(timeout: 0)), latency(10)])
        _ = pipeline.receive("a", at: 0)
        #expect(pipeline.replace(with: [latency(10)], names: ["1"], at: 5) == ["fin"])
    }

    @Test func `what is due leaves as it was meant to before anything changes`() {
        var pipeline = Pipeline([.bandwidth(Bandwidth(rate: 10))])
        _ = pipeline.receive("ab", at: 0)
        // The timer is late: both were due.
        #expect(
            pipeline.replace(with: [.bandwidth(Bandwidth(rate: 1))], at: 300_000_000) == ["a", "b"])
    }

    @Test func `faults of the other stream do not matter`() {
        var pipeline = Pipeline([latency(10)])
        _ = pipeline.receive("a", at: 0)
        let other = Pipeline.drawn(
            [latency(10), .limitData(LimitData(bytes: 0))], stream: .upstream)
        let drawn = Pipeline.drawn([latency(10)]) + other
        let left = pipeline.step {
            $0.replace(
                with: drawn, stream: .downstream, credits: nil, at: Instant(nanoseconds: 1),
                into: &$1)
        }
        #expect(left == [])
        #expect(pipeline.run() == [Departure(10, "a")])
    }

    // MARK: At random

    /// Faults that lose no bytes.
    private func faults(_ generator: inout TestGenerator) -> [(name: String, fault: Fault)] {
        let time = Nanoseconds(generator.next(below: 2000))
        let all: [Fault] = [
            latency(time), .latency(Latency(latency: 500, jitter: time / 4)),
            .bandwidth(Bandwidth(rate: 1_000_000_000)),
            .bandwidth(Bandwidth(rate: UInt64(generator.next(below: 3)) * 500_000_000)),
            .slowClose(SlowClose(delay: time)),
            .slicer(Slicer(averageSize: 3, sizeVariation: 2, delay: time)), .noop(Noop()),
            .slicer(Slicer(averageSize: 0, sizeVariation: 0, delay: time)),
            .limitData(LimitData(bytes: 1 << 50)),
        ]
        return (0..<generator.next(below: 5)).map { place in
            let fault = generator.element(of: all)
            return ("\(fault.type.rawValue)\(generator.next(below: 2) + place / 2)", fault)
        }
    }

    @Test(arguments: 1...200 as ClosedRange<UInt64>)
    func `changes on live traffic lose and reorder nothing`(seed: UInt64) {
        var generator = TestGenerator(seed: seed)
        var pipeline = Pipeline()
        let credits = BandwidthCredits()
        var (sent, left) = ("", "")
        var now: UInt64 = 0
        for step in 0..<300 {
            now += UInt64(generator.next(below: 700))
            switch generator.next(below: 4) {
            case 0:
                let chosen = faults(&generator)
                let drawn = Pipeline.drawn(chosen.map(\.fault), names: chosen.map(\.name))
                left += pipeline.step {
                    $0.replace(
                        with: drawn, stream: .downstream, credits: credits,
                        at: Instant(nanoseconds: now), into: &$1)
                }.joined()
            case 1: left += pipeline.wake(at: now).joined()
            default:
                let text = "<\(step)>" + String(repeating: ".", count: generator.next(below: 9))
                sent += text
                left += pipeline.receive(text, at: now).joined()
            }
            #expect(sent.hasPrefix(left))
        }
        sent += "end"
        left += pipeline.receiveEnd(at: now).joined()
        left += pipeline.replace(with: [], at: now).joined()
        #expect(left == sent)
        #expect(pipeline.heldBytes == 0)
    }
}
