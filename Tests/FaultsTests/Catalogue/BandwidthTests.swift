import HTTPWire
import Testing

@testable import Faults

struct BandwidthTests {
    private let second: UInt64 = 1_000_000_000

    private func text(_ count: Int, _ letter: Character = "x") -> String {
        String(repeating: letter, count: count)
    }

    private func at(_ nanoseconds: UInt64) -> Instant { Instant(nanoseconds: nanoseconds) }

    @Test func `bytes take exactly as long as the rate says, in tenths of a second`() {
        var stage = BandwidthStage(rate: 1_000_000)
        #expect(stage.receive(text(250), at: 7) == [])
        #expect(stage.deadline == at(100_000_007))
        #expect(
            stage.run() == [
                Departure(100_000_007, text(100)), Departure(200_000_007, text(100)),
                Departure(250_000_007, text(50)),
            ])
        #expect(stage.heldBytes == 0)
    }

    @Test func `tenths of a second end in whole milliseconds, so that many are woken together`() {
        var stage = BandwidthStage(rate: 1_000_000)
        _ = stage.receive(text(250), at: 7)
        #expect(stage.wakeTime == at(101_000_000))
        #expect(stage.wake(at: 101_000_000) == [text(100)])
        // The next one is late by itself alone.
        #expect(stage.deadline == at(200_000_007))
        #expect(stage.wakeTime == at(201_000_000))
        #expect(stage.wake(at: 201_000_000) == [text(100)])
        // What is less than a tenth leaves at its time.
        #expect(stage.wakeTime == at(250_000_007))
    }

    @Test func `where others wait for their turn nobody is woken late`() {
        var stage = BandwidthStage(rate: 1_000_000, credit: BandwidthCredit(), isShared: true)
        _ = stage.receive(text(250), at: 7)
        #expect(stage.wakeTime == at(10_000_007))
    }

    @Test func `a rate below one byte a second is one as well`() {
        var stage = BandwidthStage(rate: 500)
        _ = stage.receive("ab", at: 0)
        #expect(stage.run() == [Departure(2 * second, "a"), Departure(4 * second, "b")])
    }

    @Test func `100 kB at 100 kB a second take a second`() {
        var stage = BandwidthStage(rate: 100_000_000)
        for _ in 0..<10 { #expect(stage.receive(text(10_000), at: 0) == []) }
        let departures = stage.run()
        #expect(departures.count == 10)
        #expect(departures.last?.time == second)
    }

    @Test(arguments: [1, 3, 7, 999, 1001, 65_537, 1_000_003] as [UInt64])
    func `no rounding adds up over many flows`(rate: UInt64) {
        var stage = BandwidthStage(rate: rate * 1000)
        var sum: UInt64 = 0
        for index in 0..<200 {
            let count = 1 + index * 37 % 91
            sum += UInt64(count)
            _ = stage.receive(text(count), at: 0)
        }
        let departures = stage.run()
        let exact = (sum * second + rate - 1) / rate
        #expect(departures.last?.time == exact)
        #expect(departures.reduce(0) { $0 + $1.text.utf8.count } == Int(sum))
    }

    @Test func `no byte leaves early and idle time is no credit`() {
        var stage = BandwidthStage(rate: 3_000)
        #expect(stage.receive("a", at: 0) == [])
        #expect(stage.run() == [Departure(333_333_334, "a")])
        // Long after, the next byte takes as long again.
        #expect(stage.receive("b", at: 10 * second) == [])
        #expect(stage.run() == [Departure(10 * second + 333_333_334, "b")])
    }

    @Test func `what comes while something is sent waits for its turn`() {
        var stage = BandwidthStage(rate: 100_000)
        _ = stage.receive(text(5, "a"), at: 0)
        _ = stage.receive(text(5, "b"), at: 20_000_000)
        #expect(
            stage.run() == [
                Departure(50_000_000, text(5, "a")), Departure(100_000_000, text(5, "b")),
            ])
    }

    @Test func `a late wake-up lets out all that is due`() {
        var stage = BandwidthStage(rate: 100_000)
        _ = stage.receive(text(35), at: 0)
        #expect(stage.wake(at: 99_999_999) == [])
        #expect(stage.wake(at: 250_000_000) == [text(10), text(10)])
        #expect(stage.deadline == at(300_000_000))
        #expect(stage.wake(at: second) == [text(10), text(5)])
        #expect(stage.deadline == nil)
    }

    @Test func `boundary, end and cut take no time and keep their place`() {
        var stage = BandwidthStage(rate: 10_000)
        #expect(stage.receive(.boundary, at: 0) == ["boundary"])
        #expect(stage.receive("a", at: 0) == [])
        #expect(stage.receive(.boundary, at: 0) == [])
        #expect(stage.receive("b", at: 0) == [])
        #expect(stage.receiveEnd(at: 0) == [])
        #expect(stage.receive(.cut(.fin), at: 0) == [])
        #expect(stage.wake(at: 100_000_000) == ["a", "boundary"])
        #expect(stage.wake(at: 200_000_000) == ["b", "end", "fin"])
        #expect(stage.receiveEnd(at: second) == ["end"])
    }

    @Test func `a rate of 0 stalls until it changes`() {
        var stage = BandwidthStage(rate: 0)
        #expect(stage.receive("ab", at: 0) == [])
        #expect(stage.receiveEnd(at: 5) == [])
        #expect(stage.deadline == nil)
        #expect(stage.wake(at: 100 * second) == [])
        #expect(stage.heldBytes == 2 + 2 * 128)
        #expect(stage.update(Bandwidth(rate: 10), at: 100 * second) == [])
        #expect(
            stage.run() == [
                Departure(100 * second + 100_000_000, "a"),
                Departure(100 * second + 200_000_000, "b"),
                Departure(100 * second + 200_000_000, "end"),
            ])
    }

    @Test func `another rate holds for all that has not left`() {
        var stage = BandwidthStage(rate: 10_000)
        _ = stage.receive("abcd", at: 0)
        #expect(stage.run(until: 200_000_000).map(\.text) == ["a", "b"])
        #expect(stage.update(Bandwidth(rate: 20), at: 200_000_000) == [])
        #expect(stage.deadline == at(300_000_000))
        #expect(stage.wake(at: 300_000_000) == ["cd"])
        _ = stage.receive("e", at: second)
        #expect(stage.update(Bandwidth(rate: 0), at: second) == [])
        #expect(stage.deadline == nil)
        #expect(stage.release(at: 2 * second) == ["e"])
    }

    @Test func `the same rate again changes nothing`() {
        var stage = BandwidthStage(rate: 10_000)
        _ = stage.receive("a", at: 0)
        _ = stage.update(Bandwidth(rate: 10), at: 50_000_000)
        #expect(stage.deadline == at(100_000_000))
    }

    @Test func `removed, it lets everything go in order`() {
        var stage = BandwidthStage(rate: 10_000)
        for text in ["abc", "d"] { _ = stage.receive(text, at: 0) }
        _ = stage.receiveEnd(at: 0)
        #expect(stage.wake(at: 100_000_000) == ["a"])
        #expect(stage.release(at: 100_000_001) == ["bc", "d", "end"])
        #expect(stage.heldBytes == 0)
        #expect(stage.deadline == nil)
    }

    @Test func `exchanges of one connection share its rate`() {
        let credits = BandwidthCredits()
        var first = Pipeline([.bandwidth(Bandwidth(rate: 100))], credits: credits)
        var second = Pipeline([.bandwidth(Bandwidth(rate: 100))], credits: credits)
        var alone = Pipeline([.bandwidth(Bandwidth(rate: 100))], credits: BandwidthCredits())
        _ = first.receive(text(5, "a"), at: 0)
        _ = second.receive(text(5, "b"), at: 0)
        _ = alone.receive(text(5, "c"), at: 0)
        #expect(first.run() == [Departure(50_000_000, text(5, "a"))])
        #expect(second.run() == [Departure(100_000_000, text(5, "b"))])
        #expect(alone.run() == [Departure(50_000_000, text(5, "c"))])
    }

    @Test func `another rate is shared too`() {
        let credits = BandwidthCredits()
        var pipelines = (0..<2).map { _ in
            Pipeline([.bandwidth(Bandwidth(rate: 0))], credits: credits)
        }
        for index in 0..<2 { _ = pipelines[index].receive(text(5), at: 0) }
        for index in 0..<2 {
            let left = pipelines[index].replace(
                with: [.bandwidth(Bandwidth(rate: 100))], credits: credits, at: second)
            #expect(left == [])
        }
        #expect(pipelines[0].run().map(\.time) == [second + 50_000_000])
        #expect(pipelines[1].run().map(\.time) == [second + 100_000_000])
    }

    @Test func `the greatest rates and counts do not overflow`() {
        #expect(BandwidthStage.pieceSize(rate: .max, isShared: false) == Int(UInt64.max / 10_000))
        #expect(BandwidthStage.pieceSize(rate: 9, isShared: false) == 1)
        var stage = BandwidthStage(rate: .max)
        _ = stage.receive(text(1000), at: 0)
        #expect(stage.run() == [Departure(1, text(1000))])
    }

    @Test func `it holds little before its sender is to pause`() {
        var pipeline = Pipeline([.bandwidth(Bandwidth(rate: 0))])
        _ = pipeline.receive(text(256 * 1024 - 128), at: 0)
        #expect(!pipeline.isFull)
        _ = pipeline.receive(.boundary, at: 0)
        #expect(pipeline.isFull)
        #expect(pipeline.heldBytes == 256 * 1024 + 128)
    }
}
