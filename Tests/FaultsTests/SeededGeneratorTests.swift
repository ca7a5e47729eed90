import Testing

@testable import Faults

struct SeededGeneratorTests {
    /// The reference vectors of SplitMix64 (Vigna's splitmix64.c).
    @Test func `the numbers are those of SplitMix64`() {
        let vectors: [UInt64: [UInt64]] = [
            0: [
                0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4, 0x06c4_5d18_8009_454f,
                0xf88b_b8a8_724c_81ec, 0x1b39_896a_51a8_749b,
            ],
            1_234_567: [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
                4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
            ],
        ]
        for (seed, expected) in vectors {
            var generator = SeededGenerator(seed: seed)
            #expect(expected.map { _ in generator.next() } == expected)
        }
    }

    @Test func `a copy goes on with the same numbers`() {
        var one = SeededGenerator(seed: 7)
        _ = one.next()
        var other = one
        #expect((0..<10).map { _ in one.next() } == (0..<10).map { _ in other.next() })
    }

    @Test func `a bounded number is below its bound and reaches both ends`() {
        var generator = SeededGenerator(seed: 1)
        for bound in [1, 2, 3, 7, 20] as [UInt64] {
            var seen: Set<UInt64> = []
            for _ in 0..<1000 { seen.insert(generator.next(below: bound)) }
            #expect(seen == Set(0..<bound))
        }
        for _ in 0..<1000 { #expect(generator.next(below: 1 << 63) < 1 << 63) }
    }

    @Test func `a bounded number is the high half of a product`() {
        // The first number of seed 0 is 0xe220…, that is 0.883… of 2^64.
        for (bound, expected) in [(1, 0), (2, 1), (10, 8), (1000, 883), (100_000, 88_331)] {
            var generator = SeededGenerator(seed: 0)
            #expect(generator.next(below: UInt64(bound)) == UInt64(expected))
        }
    }

    @Test func `a hash is FNV-1a, mixed`() {
        let vectors: [(String, UInt64)] = [
            ("", 0xcbf2_9ce4_8422_2325), ("a", 0xaf63_dc4c_8601_ec8c),
            ("foobar", 0x8594_4171_f739_67e8),
        ]
        for (text, fnv) in vectors {
            #expect(SeededGenerator.hash(text.utf8) == SeededGenerator.mix(fnv))
        }
        #expect(SeededGenerator.hash("foobar".utf8) == 0x404d_a9e3_b740_78c2)
        #expect(SeededGenerator.hash("/flags/br/br.gif".utf8) == 0x0264_b314_0709_8c12)
    }

    @Test func `each bit of the input changes about half of the output`() {
        for start in [0, 1, 42, 0xdead_beef] as [UInt64] {
            for bit in 0..<UInt64(64) {
                let changed =
                    SeededGenerator.mix(start) ^ SeededGenerator.mix(start ^ (1 << bit))
                #expect(changed.nonzeroBitCount > (start == 0 && bit == 63 ? 0 : 12))
            }
        }
    }
}
