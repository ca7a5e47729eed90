import Testing

@testable import Sweeping

struct FailureKindsTests {
    @Test func `a kind keeps its number`() {
        var kinds = FailureKinds()
        #expect(["418", "reset", "418"].map { kinds.number(of: $0) } == [0, 1, 0])
    }

    @Test func `those after the 32nd are one`() {
        var kinds = FailureKinds()
        let numbers = (0..<100).map { kinds.number(of: "kind \($0)") }
        #expect(numbers == Array(0..<32) + Array(repeating: 32, count: 68))
        var counts = Array(repeating: 1, count: 32)
        counts.append(68)
        let found = kinds.failures(from: [], to: counts)
        #expect(found.first?.kind == "other" && found.first?.count == 68 && found.count == 33)
    }

    @Test func `the most frequent comes first, and what came before does not count`() {
        var kinds = FailureKinds()
        for kind in ["a", "b", "c", "d"] { _ = kinds.number(of: kind) }
        let found = kinds.failures(from: [5, 1], to: [5, 3, 9, 2])
        #expect(found.map(\.kind) == ["c", "b", "d"] && found.map(\.count) == [9, 2, 2])
    }
}
