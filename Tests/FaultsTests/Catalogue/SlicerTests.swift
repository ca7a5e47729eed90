import HTTPWire
import Testing

@testable import Faults

struct SlicerTests {
    private func stage(
        _ average: Int, _ variation: Int = 0, delay: Nanoseconds = 0, seed: UInt64 = 1
    ) -> SlicerStage {
        SlicerStage(
            Slicer(averageSize: average, sizeVariation: variation, delay: delay), seed: seed)
    }

    private func size(
        _ average: Int, _ variation: Int, _ generator: inout SeededGenerator
    ) -> Int {
        Slicer(averageSize: average, sizeVariation: variation, delay: 0).size(&generator)
    }

    private func at(_ nanoseconds: UInt64) -> Instant { Instant(nanoseconds: nanoseconds) }

    @Test func `the first piece leaves at once and each other one the delay later`() {
        var stage = stage(3, delay: 10)
        #expect(stage.receive("abcdefgh", at: 100) == ["abc"])
        #expect(stage.deadline == at(110))
        #expect(stage.wake(at: 109) == [])
        #expect(stage.run() == [Departure(110, "def"), Departure(120, "gh")])
    }

    @Test func `later bytes queue behind, and the delay holds between flows too`() {
        var stage = stage(2, delay: 10)
        #expect(stage.receive("abc", at: 0) == ["ab"])
        #expect(stage.receive("de", at: 1) == [])
        #expect(stage.receiveEnd(at: 2) == [])
        #expect(
            stage.run() == [Departure(10, "c"), Departure(20, "de"), Departure(20, "end")])
        #expect(stage.receive("f", at: 25) == [])
        #expect(stage.run() == [Departure(30, "f")])
        #expect(stage.receive("g", at: 100) == ["g"])
    }

    @Test func `boundary, end and cut pass at once when nothing is before them`() {
        var stage = stage(2, delay: 1000)
        #expect(stage.receive("ab", at: 0) == ["ab"])
        #expect(stage.receive(.boundary, at: 1) == ["boundary"])
        #expect(stage.receive(.cut(.rst), at: 1) == ["rst"])
        #expect(stage.receiveEnd(at: 2) == ["end"])
        #expect(stage.deadline == nil)
    }

    @Test func `without a delay all pieces leave at once`() {
        var stage = stage(3)
        #expect(stage.receive("abcdefgh", at: 5) == ["abc", "def", "gh"])
        #expect(stage.deadline == nil)
    }

    @Test func `an average of 0 slices nothing`() {
        var stage = stage(0, delay: 1000)
        #expect(stage.receive("abcdefgh", at: 5) == ["abcdefgh"])
        #expect(stage.receive("i", at: 5) == ["i"])
    }

    @Test func `sizes are even over their range and reach both ends`() {
        var generator = SeededGenerator(seed: 3)
        var counts: [Int: Int] = [:]
        for _ in 0..<50_000 { counts[size(10, 2, &generator), default: 0] += 1 }
        #expect(Set(counts.keys) == Set(8...12))
        // Five standard deviations of a binomial with 50 000 trials of 0.2 are 447.
        for (size, count) in counts { #expect(abs(count - 10_000) <= 447, "\(size)") }
    }

    @Test func `a piece has one byte at least`() {
        var generator = SeededGenerator(seed: 3)
        let sizes = Set((0..<1000).map { _ in size(2, 2, &generator) })
        #expect(sizes == [1, 2, 3, 4])
        #expect(size(0, 0, &generator) == 1)
        #expect(size(1 << 53, 1 << 53, &generator) <= 1 << 54)
    }

    @Test func `the pieces put together are what came, and the seed decides them`() {
        let text = String(repeating: "0123456789", count: 200)
        var (one, same, other) = (stage(7, 5, seed: 4), stage(7, 5, seed: 4), stage(7, 5, seed: 5))
        let first = one.receive(text, at: 0)
        // A few in each turn: others wait for theirs.
        #expect(first.count == 8 && one.deadline == Instant(nanoseconds: 0))
        var pieces = first
        while one.deadline != nil { pieces += one.wake(at: 0) }
        #expect(pieces.joined() == text)
        #expect(pieces.dropLast().allSatisfy { (2...12).contains($0.utf8.count) })
        #expect(same.receive(text, at: 0) == first)
        #expect(other.receive(text, at: 0) != first)
    }

    @Test func `a late timer adds no drift in a pipeline`() {
        var pipeline = Pipeline([.slicer(Slicer(averageSize: 1, sizeVariation: 0, delay: 10))])
        #expect(pipeline.receive("abcdef", at: 0) == ["a"])
        #expect(pipeline.wake(at: 37) == ["b", "c", "d"])
        #expect(pipeline.deadline == at(40))
    }

    @Test func `removed or told to slice no more, it lets everything go`() {
        var stage = stage(2, delay: 10)
        _ = stage.receive("abcde", at: 0)
        _ = stage.receiveEnd(at: 0)
        #expect(stage.heldBytes == 3 + 2 * 128)
        #expect(stage.release(at: 5) == ["cde", "end"])
        #expect(stage.heldBytes == 0)
        _ = stage.receive("fghi", at: 100)
        let left = stage.update(Slicer(averageSize: 0, sizeVariation: 0, delay: 10), at: 101)
        #expect(left == ["hi"])
    }

    @Test func `other sizes hold for what has not left`() {
        var stage = stage(1, delay: 10)
        #expect(stage.receive("abcdefg", at: 0) == ["a"])
        let left = stage.update(Slicer(averageSize: 3, sizeVariation: 0, delay: 100), at: 5)
        #expect(left == [])
        #expect(stage.run() == [Departure(10, "bcd"), Departure(110, "efg")])
    }

    @Test func `a variation above the average makes pieces of one byte at least`() {
        let slicer = Slicer(averageSize: 2, sizeVariation: 5, delay: 0)
        var generator = SeededGenerator(seed: 1)
        let sizes = Set((0..<1000).map { _ in slicer.size(&generator) })
        #expect(sizes == Set(1...7))
    }
}
