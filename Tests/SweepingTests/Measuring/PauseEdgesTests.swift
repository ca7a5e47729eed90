import Testing

@testable import Sweeping

struct PauseEdgesTests {
    /// The edges, in ms, of completions that came then.
    private func edges(_ times: [UInt64], window: UInt64 = 50) -> (found: [UInt64], PauseEdges) {
        var edges = PauseEdges()
        var found: [UInt64] = []
        for (index, time) in times.enumerated() {
            let tally = Tally(time: time * 1_000_000, completed: index + 1, good: index + 1)
            if let edge = edges.note(tally, window: window * 1_000_000) {
                found.append(edge.time / 1_000_000)
            }
        }
        return (found, edges)
    }

    @Test func `a bin ends with the last of a burst`() {
        let bursts: [UInt64] = [500, 501, 503, 1000, 1004, 1005, 1500, 1501, 1502, 2000]
        #expect(edges(bursts).found == [503, 1005, 1502])
    }

    @Test func `if they come evenly a bin is little longer than 100 ms`() {
        let found = edges((1...200).map { $0 * 10 }).found
        #expect(found.prefix(3) == [10, 110, 210])
    }

    @Test func `the last burst counts if it is over`() {
        let bursts: [UInt64] = [500, 503, 1000, 1005, 1500, 1502]
        let (found, edges) = edges(bursts)
        #expect(found == [503, 1005])
        #expect(edges.trailingEdge(at: nil) == nil)
        // Not yet, then as good as sure.
        #expect(edges.trailingEdge(at: 1_503_000_000) == nil)
        #expect(edges.trailingEdge(at: 1_650_000_000)?.good == 6)
    }

    @Test func `without completions there is no edge`() {
        #expect(edges([]).1.trailingEdge(at: .max) == nil)
        #expect(edges([7]).1.trailingEdge(at: .max) == nil)
    }
}
