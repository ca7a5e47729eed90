import HTTPWire
import Testing

@testable import Faults

/// One rate for all connections of a proxy, here 1000 bytes a second: a piece of 10 bytes every
/// 10 ms, for one of them after the other.
struct SharedBandwidthTests {
    private static let step: UInt64 = 10_000_000

    private func fault(_ rate: UInt64 = 1000, isShared: Bool = true) -> Fault {
        .bandwidth(Bandwidth(rate: rate, isShared: isShared))
    }

    private func connections(_ count: Int, _ credits: BandwidthCredits) -> [Pipeline] {
        (0..<count).map { _ in Pipeline([fault()], credits: credits) }
    }

    private func text(_ count: Int) -> String { String(repeating: "x", count: count) }

    /// Wakes all at their deadlines, in the order of these: which one let out how many bytes, when.
    private func run(_ pipelines: inout [Pipeline], until end: UInt64 = .max - 1) -> [[UInt64]] {
        var all: [[UInt64]] = []
        while true {
            let due = pipelines.compactMap { $0.deadline?.nanoseconds }.min()
            guard let due, due <= end else { return all }
            for index in pipelines.indices where pipelines[index].deadline?.nanoseconds == due {
                for text in pipelines[index].wake(at: due) {
                    all.append([due / Self.step, UInt64(index), UInt64(text.utf8.count)])
                }
            }
        }
    }

    @Test func `connections take turns, piece by piece`() {
        let credits = BandwidthCredits.ofProxy()
        var pipelines = connections(3, credits)
        _ = pipelines[0].receive(text(30), at: 0)
        _ = pipelines[1].receive(text(20), at: 0)
        _ = pipelines[2].receive(text(5), at: 0)
        let left = run(&pipelines)
        // The half piece of the third one takes half the time.
        #expect(left.map { $0[1] } == [0, 1, 2, 0, 1, 0])
        #expect(left.map { $0[2] } == [10, 10, 5, 10, 10, 10])
        #expect(left.map { $0[0] } == [1, 2, 2, 3, 4, 5])
    }

    @Test func `who comes later has its part at once`() {
        let credits = BandwidthCredits.ofProxy()
        var pipelines = connections(2, credits)
        _ = pipelines[0].receive(text(10_000), at: 0)
        #expect(run(&pipelines, until: 100 * Self.step).count == 100)
        _ = pipelines[1].receive(text(100), at: 100 * Self.step)
        let left = run(&pipelines, until: 120 * Self.step)
        #expect(left.count { $0[1] == 0 } == 10)
        #expect(left.count { $0[1] == 1 } == 10)
    }

    @Test func `all together are exactly as fast as one`() {
        let credits = BandwidthCredits.ofProxy()
        var pipelines = connections(7, credits)
        for index in 0..<7 { _ = pipelines[index].receive(text(1000), at: 0) }
        let left = run(&pipelines)
        #expect(left.last?[0] == 700)
        #expect(left.reduce(0) { $0 + $1[2] } == 7000)
        #expect(Set(left.map { $0[0] }).count == 700)
    }

    @Test func `another toxic, another rate: each has its own bucket`() {
        let credits = BandwidthCredits.ofProxy()
        let drawn = Pipeline.drawn([fault(), fault()], names: ["a", "b"])
        var pipelines = drawn.map { Pipeline([$0], stream: .downstream, credits: credits) }
        for index in 0..<2 { _ = pipelines[index].receive(text(20), at: 0) }
        #expect(run(&pipelines).map { $0[0] } == [1, 1, 2, 2])
    }

    @Test func `exchanges of connections have the proxy's, if it is shared`() {
        let proxy = BandwidthCredits.ofProxy()
        let credits = (0..<2).map { _ in BandwidthCredits(of: proxy) }
        for isShared in [true, false] {
            var pipelines = credits.map {
                Pipeline([fault(isShared: isShared)], isConnection: false, credits: $0)
            }
            for index in 0..<2 { _ = pipelines[index].receive(text(10), at: 0) }
            #expect(run(&pipelines).map { $0[0] } == (isShared ? [1, 2] : [1, 1]))
        }
    }

    @Test func `a change of the rate holds for all, and nobody gains by it`() {
        let credits = BandwidthCredits.ofProxy()
        var pipelines = connections(3, credits)
        for index in 0..<3 { _ = pipelines[index].receive(text(100), at: 0) }
        #expect(run(&pipelines, until: 3 * Self.step).count == 3)
        for index in 0..<3 {
            // Each is told a little later.
            let left = pipelines[index].replace(
                with: [fault(2000)], credits: credits, at: 3 * Self.step + UInt64(index))
            #expect(left == [])
        }
        let left = run(&pipelines)
        #expect(left.map { $0[1] }.prefix(6) == [0, 1, 2, 0, 1, 2])
        #expect(left.map { $0[2] }.allSatisfy { $0 <= 20 })
        // 270 bytes at 2000 a second.
        #expect(left.last?[0] == 3 + 13)
    }

    @Test func `a stall is one for all, and ends for all`() {
        let credits = BandwidthCredits.ofProxy()
        var pipelines = connections(2, credits)
        for index in 0..<2 { _ = pipelines[index].receive(text(20), at: 0) }
        for rate in [0, 1000] as [UInt64] {
            for index in 0..<2 {
                let left = pipelines[index].replace(
                    with: [fault(rate)], credits: credits, at: rate * Self.step)
                #expect(left == [])
                if rate == 0 { #expect(pipelines[index].deadline == nil) }
            }
        }
        #expect(run(&pipelines).map { $0[0] } == [1001, 1002, 1003, 1004])
    }

    @Test func `a removed toxic lets its bytes go, and leaves the others their turns`() {
        let credits = BandwidthCredits.ofProxy()
        var pipelines = connections(2, credits)
        for index in 0..<2 { _ = pipelines[index].receive(text(20), at: 0) }
        #expect(pipelines[0].replace(with: [], credits: credits, at: 0) == [text(20)])
        #expect(run(&pipelines).map { $0[0] } == [2, 3])
    }

    @Test func `what was for each becomes for all, and back`() {
        let credits = BandwidthCredits.ofProxy()
        var pipelines = (0..<2).map { _ in Pipeline([fault(isShared: false)], credits: credits) }
        for index in 0..<2 { _ = pipelines[index].receive(text(40), at: 0) }
        for index in 0..<2 {
            #expect(pipelines[index].replace(with: [fault()], credits: credits, at: 0) == [])
        }
        #expect(run(&pipelines, until: 4 * Self.step).map { $0[1] } == [0, 1, 0, 1])
        for index in 0..<2 {
            let left = pipelines[index].replace(
                with: [fault(isShared: false)], credits: credits, at: 4 * Self.step)
            #expect(left == [])
        }
        #expect(run(&pipelines).map { $0[0] } == [6, 6])
    }

    @Test func `ends and boundaries wait for the bytes before them alone`() {
        let credits = BandwidthCredits.ofProxy()
        var pipelines = connections(1, credits)
        _ = pipelines[0].receive(text(10), at: 0)
        _ = pipelines[0].receive(.boundary, at: 0)
        _ = pipelines[0].receive(text(10), at: 0)
        _ = pipelines[0].receiveEnd(at: 0)
        #expect(pipelines[0].wake(at: Self.step) == [text(10), "boundary"])
        #expect(pipelines[0].wake(at: 2 * Self.step) == [text(10), "end"])
        #expect(pipelines[0].deadline == nil)
    }
}
