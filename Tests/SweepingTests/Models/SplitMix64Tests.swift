import Testing

@testable import Sweeping

struct SplitMix64Tests {
    @Test func `numbers are those of the reference`() {
        var generator = SplitMix64(seed: 1_234_567)
        let numbers = (0..<3).map { _ in generator.next() }
        #expect(
            numbers == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
            ])
    }

    @Test func `normal numbers have mean 0 and variance 1`() {
        var generator = SplitMix64(seed: 5)
        let numbers = (0..<20_000).map { _ in generator.normal() }
        let mean = numbers.reduce(0, +) / 20_000
        let square = numbers.reduce(0) { $0 + $1 * $1 } / 20_000
        #expect(mean.magnitude < 0.02 && (square - 1).magnitude < 0.03)
        #expect((numbers.count { $0.magnitude < 1.96 } - 19_000).magnitude < 150)
    }

    @Test func `shuffled numbers are all there, and in any order`() {
        var generator = SplitMix64(seed: 5)
        var orders: [[Int]: Int] = [:]
        for _ in 0..<600 { orders[generator.shuffled([1, 2, 3]), default: 0] += 1 }
        #expect(orders.count == 6 && orders.values.allSatisfy { 60...140 ~= $0 })
        #expect(generator.shuffled([]) == [])
    }
}
