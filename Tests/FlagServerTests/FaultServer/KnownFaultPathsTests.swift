import Faults
import Testing

@testable import flagserver

struct KnownFaultPathsTests {
    private func known() -> KnownFaultPaths { KnownFaultPaths(seed: 42, proxy: "fault") }

    @Test func `what is asked again is not read again`() throws {
        var known = known()
        let first = try known.entry(Array("latency;latency=2s".utf8))
        let second = try known.entry(Array("latency;latency=2s".utf8))
        #expect(first.plan === second.plan)
        #expect(first.plan.toxics == first.path.toxics)
        #expect(known.count == 1)
    }

    @Test func `mistakes are not kept`() {
        var known = known()
        #expect(throws: FaultPathError.self) { try known.entry(Array("latancy".utf8)) }
        #expect(known.count == 0)
    }

    @Test func `there are never more than so many, and none is long`() throws {
        var known = known()
        for number in 1...(KnownFaultPaths.maximumCount * 3) {
            _ = try known.entry(Array("latency;latency=\(number)ms".utf8))
            #expect(known.count <= KnownFaultPaths.maximumCount)
        }
        let before = known.count
        let long = (0..<16).map { _ in "latency;latency=000000000000000000000000000001ms" }
        let entry = try known.entry(Array(long.joined(separator: ",").utf8))
        #expect(entry.path.toxics.count == 16)
        #expect(known.count == before)
    }
}
