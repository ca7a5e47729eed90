import Glibc
import Testing

@testable import Faults

/// The numbers were computed from the definitions with the same tables by another program, in
/// another language. Beside them stands how far they are from the ideal curve.
struct DelayDistributionTests {
    struct Expected: Sendable {
        let distribution: DelayDistribution
        let mean: UInt64
        /// What 0.1, 1, 10, 50, 90, 99 and 99.9 % lie below.
        let quantiles: [UInt64]

        init(_ distribution: DelayDistribution, mean: UInt64, _ quantiles: [UInt64]) {
            (self.distribution, self.mean, self.quantiles) = (distribution, mean, quantiles)
        }
    }

    /// Of 100 000 draws around 200 ms with a jitter of 50 ms.
    static let expected = [
        Expected(
            .uniform, mean: 199_938_757,
            [
                150_103_503, 151_019_782, 159_834_275, 199_904_415,
                240_006_807, 249_006_735, 249_897_158,
            ]),
        Expected(
            .normal, mean: 199_984_920,
            [
                46_716_142, 83_450_538, 135_682_673, 200_109_475,
                264_375_531, 316_202_780, 353_591_209,
            ]),
        Expected(
            .lognormal, mean: 200_015_588,
            [
                91_210_675, 109_296_820, 141_355_774, 194_133_129,
                266_404_757, 343_860_345, 413_373_560,
            ]),
        Expected(
            .pareto, mean: 200_146_683,
            [
                160_993_825, 161_275_832, 164_303_359, 184_350_658,
                253_123_988, 393_981_930, 616_530_663,
            ]),
    ]

    @Test(arguments: expected)
    func `one seed has the same delays everywhere`(expected: Expected) {
        var generator = SeededGenerator(seed: 12)
        let delays = (0..<100_000).map { _ in
            expected.distribution.delay(200_000_000, spread: 50_000_000, &generator)
        }.sorted()
        #expect(delays.reduce(0, +) / 100_000 == expected.mean)
        #expect(
            [100, 1000, 10_000, 50_000, 90_000, 99_000, 99_900].map { delays[$0] }
                == expected.quantiles)
    }

    /// The ideal quantiles, in microseconds, by the formulas of the distributions.
    @Test(
        arguments: [
            (1, [45_488, 83_683, 135_922, 200_000, 264_078, 316_317, 354_512]),
            (2, [90_661, 109_422, 141_523, 194_029, 266_014, 344_054, 415_251]),
            (3, [160_993, 161_277, 164_306, 184_281, 252_299, 395_466, 619_874]),
        ] as [(Int, [UInt64])])
    func `quantiles are the ideal ones but for chance`(index: Int, ideal: [UInt64]) {
        for (drawn, ideal) in zip(Self.expected[index].quantiles, ideal) {
            let difference = max(drawn / 1000, ideal) - min(drawn / 1000, ideal)
            #expect(difference <= max(ideal / 100, 1300))
        }
        let mean = Self.expected[index].mean
        #expect((199_500_000...200_500_000).contains(mean))
    }

    static let extremes: [(DelayDistribution, UInt64, UInt64, [UInt64])] = [
        (.normal, 1, 1, [0, 1, 1]),
        (.normal, 1, 1_000_000_000_000_000_000, [0, 0, 0]),
        (
            .normal, 1_000_000_000_000_000_000, 1,
            [999_999_999_999_999_999, 1_000_000_000_000_000_000, 1_000_000_000_000_000_000]
        ),
        (
            .normal, 1_000_000_000_000_000_000, 1_000_000_000_000_000_000,
            [0, 614_864_766_597_747_803, 493_838_727_474_212_647]
        ),
        (.normal, 5, 3, [1, 4, 4]),
        (.lognormal, 1, 1, [0, 0, 0]),
        (.lognormal, 1, 1_000_000_000_000_000_000, [0, 0, 0]),
        (
            .lognormal, 1_000_000_000_000_000_000, 1,
            [1_000_000_000_000_000_000, 1_000_000_000_000_000_000, 1_000_000_000_000_000_000]
        ),
        (
            .lognormal, 1_000_000_000_000_000_000, 1_000_000_000_000_000_000,
            [189_267_177_608_580_704, 513_133_258_576_949_250, 463_949_072_201_773_399]
        ),
        (.lognormal, 5, 3, [1, 3, 3]),
        (.pareto, 1, 1, [0, 0, 0]),
        (.pareto, 1, 1_000_000_000_000_000_000, [0, 0, 0]),
        (
            .pareto, 1_000_000_000_000_000_000, 1,
            [1_000_000_000_000_000_000, 1_000_000_000_000_000_000, 1_000_000_000_000_000_000]
        ),
        (
            .pareto, 1_000_000_000_000_000_000, 1_000_000_000_000_000_000,
            [1_442_950_939_378_302_095, 678_932_176_858_653_113, 717_436_546_863_522_468]
        ),
        (.pareto, 5, 3, [6, 3, 3]),
    ]

    @Test(arguments: extremes)
    func `the smallest and the greatest are drawn as well`(
        distribution: DelayDistribution, mean: UInt64, spread: UInt64, expected: [UInt64]
    ) {
        var generator = SeededGenerator(seed: 3)
        let delays = expected.map { _ in distribution.delay(mean, spread: spread, &generator) }
        #expect(delays == expected)
    }

    @Test(arguments: DelayDistribution.allCases)
    func `none is ever above the longest`(distribution: DelayDistribution) {
        for seed in 0..<2000 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed)
            let greatest: UInt64 = 1_000_000_000_000_000_000
            let spread = seed.isMultiple(of: 2) ? greatest : seed * 1_000_000_000
            let delay = distribution.delay(greatest, spread: spread + 1, &generator)
            #expect(delay <= DelayDistribution.longest)
        }
    }

    @Test func `the normal table goes from the middle to its end, in order`() {
        var last: UInt64 = 0
        for exponent in 0..<63 as Range<UInt64> {
            for part in 0..<8 as Range<UInt64> {
                let high = UInt64(1) << (62 - exponent)
                let beyond = high + (high / 8) * (7 - part)
                let deviation = NormalQuantiles.deviation(beyond << 1)
                #expect(deviation.size >= last)
                #expect(!deviation.isBelow)
                last = deviation.size
            }
        }
        #expect(NormalQuantiles.deviation(.max) == (0, true))
        #expect(NormalQuantiles.deviation(0) == (106_333_286, false))
    }

    /// How probable it is to lie beyond so many 2^24-ths of the standard deviation.
    private func probability(beyond size: Double) -> Double {
        erfc(size / Double(1 << 24) / 2.0.squareRoot()) / 2
    }

    @Test func `the normal table is right to its last digit, and to a thousandth in between`() {
        for octave in 0..<32 as Range<UInt64> {
            let whole = Double(UInt64(32) << octave)
            for step in 0..<8 as Range<UInt64> {
                let eighth = UInt64(1) << (59 - octave)
                let beyond = eighth * (16 - step) - 1
                let size = Double(NormalQuantiles.deviation(beyond << 1).size)
                let exact = Double(16 - step) / whole
                #expect(probability(beyond: size - 0.5) >= exact)
                #expect(probability(beyond: size + 0.5) <= exact)
                let between = Double(NormalQuantiles.deviation((beyond - eighth / 2) << 1).size)
                let middle = (Double(16 - step) - 0.5) / whole
                #expect(probability(beyond: between - 16_777) > middle)
                #expect(probability(beyond: between + 16_777) < middle)
            }
        }
    }
}
