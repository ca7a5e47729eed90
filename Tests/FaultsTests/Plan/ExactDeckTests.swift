import Testing

@testable import Faults

struct ExactDeckTests {
    private func hits(
        _ fraction: Double, _ numbers: ClosedRange<UInt64>, seed: UInt64
    ) throws -> [UInt64] {
        let probability = try #require(Probability(fraction))
        return numbers.filter { ExactDeck.hits(probability, number: $0, seed: seed) }
    }

    @Test(arguments: 0...20)
    func `every deck of twenty holds exactly its twentieths`(quota: Int) throws {
        let fraction = Double(quota) / 20
        for seed in [0, 1, 42, .max] as [UInt64] {
            for deck in [0, 1, 2, 3, 50, 1_000_000, 1 << 40] as [UInt64] {
                let numbers = (deck * 20 + 1)...(deck * 20 + 20)
                let count = try hits(fraction, numbers, seed: seed).count
                #expect(count == quota, "deck \(deck) of seed \(seed)")
            }
        }
    }

    @Test(arguments: [0.01, 0.03, 0.1234, 1.0 / 3, 0.5001, 0.777, 0.99])
    func `a share that is no twentieth is carried over`(fraction: Double) throws {
        for seed in [3, 42] as [UInt64] {
            var sum = 0
            for deck in 0..<UInt64(100) {
                sum += try hits(fraction, (deck * 20 + 1)...(deck * 20 + 20), seed: seed).count
                let expected = fraction * Double((deck + 1) * 20)
                #expect(abs(Double(sum) - expected) <= 0.5 + 1e-9, "after deck \(deck)")
            }
        }
    }

    @Test func `1 percent is one in a hundred`() throws {
        for hundred in 0..<UInt64(20) {
            let count = try hits(0.01, (hundred * 100 + 1)...(hundred * 100 + 100), seed: 5).count
            #expect(count == 1)
        }
    }

    /// Worked out by another implementation of the same rules.
    @Test func `the fate of the first sixty of seed 42 is pinned`() throws {
        let expected: [UInt64] = [2, 7, 10, 18, 19, 26, 27, 30, 32, 35, 45, 47, 49, 51, 54]
        #expect(try hits(0.25, 1...60, seed: 42) == expected)
    }

    @Test func `the order of asking does not matter`() throws {
        let probability = try #require(Probability(0.4))
        let forwards = (1...100).map {
            ExactDeck.hits(probability, number: $0, seed: 9)
        }
        let backwards = (1...100).reversed().map {
            ExactDeck.hits(probability, number: $0, seed: 9)
        }
        #expect(forwards == backwards.reversed())
    }

    @Test func `every place of a deck is hit about equally often`() throws {
        let probability = try #require(Probability(0.25))
        let decks: UInt64 = 4000
        for place in 1...UInt64(20) {
            let count = (0..<decks).count {
                ExactDeck.hits(probability, number: $0 * 20 + place, seed: 77)
            }
            // Five standard deviations of a binomial with 4000 trials of 0.25 are 137.
            #expect(abs(count - 1000) <= 137, "place \(place)")
        }
    }

    @Test func `number 0 is dealt like the first`() throws {
        for seed in 0..<UInt64(20) {
            let probability = try #require(Probability(0.5))
            #expect(
                ExactDeck.hits(probability, number: 0, seed: seed)
                    == ExactDeck.hits(probability, number: 1, seed: seed))
        }
    }
}
