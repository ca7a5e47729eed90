import Testing

@testable import Faults

struct FixedPointTests {
    @Test func `logarithms of powers of two are exact`() {
        for exponent in 0..<64 {
            #expect(FixedPoint.log2(1 << UInt64(exponent), bits: 48) == Int64(exponent) << 48)
        }
        #expect(FixedPoint.log2(0, bits: 48) == 0)
    }

    @Test func `other logarithms are rounded down`() {
        // log2 3, 10 and 2^64 - 1, to 2^-32.
        #expect(FixedPoint.log2(3, bits: 32) == 6_807_362_105)
        #expect(FixedPoint.log2(10, bits: 32) == 14_267_572_527)
        #expect(FixedPoint.log2(.max, bits: 32) == 64 << 32 - 1)
    }

    @Test func `powers of two are exact, and roots to 2^-32`() {
        for exponent in -10...60 {
            let expected = exponent < 0 ? 1024 >> UInt64(-exponent) : 1 << UInt64(exponent)
            let value: UInt64 = exponent < 0 ? 1024 : 1
            #expect(
                FixedPoint.exp2(Int64(exponent) << 32, times: value, limit: .max >> 1) == expected)
        }
        let root = FixedPoint.exp2(1 << 31, times: 1_000_000_000_000, limit: .max >> 1)
        #expect(root == 1_414_213_562_373)
        #expect(
            FixedPoint.exp2(-(1 << 31), times: 1_000_000_000_000, limit: .max) == 707_106_781_186)
    }

    @Test func `a power is never more than its limit`() {
        #expect(FixedPoint.exp2(.max, times: 1, limit: 9) == 9)
        #expect(FixedPoint.exp2(64 << 32, times: 1, limit: 9) == 9)
        #expect(FixedPoint.exp2(40 << 32, times: 1 << 40, limit: 9) == 9)
        #expect(FixedPoint.exp2(4 << 32, times: 1, limit: 9) == 9)
        #expect(FixedPoint.exp2(.max, times: 0, limit: 9) == 0)
        #expect(FixedPoint.exp2(.min, times: .max, limit: 9) == 0)
    }

    @Test func `square roots are rounded down`() {
        for root: UInt64 in [0, 1, 2, 3, 1000, 65_535, 4_294_967_295] {
            #expect(FixedPoint.squareRoot(root * root) == root)
            #expect(FixedPoint.squareRoot(root * root + root) == root)
            if root > 1 { #expect(FixedPoint.squareRoot(root * root - 1) == root - 1) }
        }
        #expect(FixedPoint.squareRoot(.max) == 4_294_967_295)
    }

    @Test func `products are as wide as they need`() {
        #expect(
            FixedPoint.scaled(1_000_000_000_000_000_000, by: 3 << 23, bits: 24)
                == 1_500_000_000_000_000_000)
        #expect(FixedPoint.scaled(7, by: 1 << 61, bits: 62) == 3)
    }
}
