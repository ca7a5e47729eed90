import Faults
import Testing

@testable import Sweeping

struct SeededGeneratorNormalTests {
    @Test func `normal numbers have mean 0 and variance 1`() {
        var generator = SeededGenerator(seed: 5)
        let numbers = (0..<20_000).map { _ in generator.normal() }
        let mean = numbers.reduce(0, +) / 20_000
        let square = numbers.reduce(0) { $0 + $1 * $1 } / 20_000
        #expect(mean.magnitude < 0.02 && (square - 1).magnitude < 0.03)
        #expect((numbers.count { $0.magnitude < 1.96 } - 19_000).magnitude < 150)
    }

    @Test func `shuffled numbers are all there, and in any order`() {
        var generator = SeededGenerator(seed: 5)
        var orders: [[Int]: Int] = [:]
        for _ in 0..<600 { orders[generator.shuffled([1, 2, 3]), default: 0] += 1 }
        #expect(orders.count == 6 && orders.values.allSatisfy { 60...140 ~= $0 })
        #expect(generator.shuffled([]) == [])
    }
}
