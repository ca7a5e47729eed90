/// Logarithms, powers and roots in whole numbers: the same on every machine and with every
/// toolchain, which the mathematical library of a system does not promise.
enum FixedPoint {
    /// The logarithm to base 2 of a number from 1, in 2^`bits`-ths, rounded down: digit by digit,
    /// by squaring.
    ///
    /// - Parameter bits: at most 56.
    static func log2(_ value: UInt64, bits: Int) -> Int64 {
        let zeros = max(value, 1).leadingZeroBitCount
        // From 1 to below 2, of which there are 2^63 parts.
        var mantissa = max(value, 1) << UInt64(zeros)
        var result = Int64(63 - zeros)
        for _ in 0..<bits {
            let square = mantissa.multipliedFullWidth(by: mantissa)
            let isTwo = square.high >> 63 == 1
            mantissa = isTwo ? square.high : square.high << 1 | square.low >> 63
            result = result << 1 | (isTwo ? 1 : 0)
        }
        return result
    }

    /// `value` times 2 to the power of `exponent`, which is given in 2^32-ths; rounded down.
    ///
    /// - Parameter limit: at most that comes out, below 2^63.
    static func exp2(_ exponent: Int64, times value: UInt64, limit: UInt64) -> UInt64 {
        guard value > 0 else { return 0 }
        var mantissa: UInt64 = 1 << 63
        for (index, root) in roots.enumerated() where exponent >> Int64(31 - index) & 1 == 1 {
            let product = mantissa.multipliedFullWidth(by: root)
            mantissa = product.high << 1 | product.low >> 63
        }
        let product = value.multipliedFullWidth(by: mantissa)
        let shift = 63 - exponent >> 32
        switch shift {
        case ..<1: return limit
        case 1...63:
            guard product.high >> UInt64(shift) == 0 else { return limit }
            return min(product.high << UInt64(64 - shift) | product.low >> UInt64(shift), limit)
        case 64...127: return min(product.high >> UInt64(shift - 64), limit)
        default: return 0
        }
    }

    /// 2 to the power of 1/2, 1/4, 1/8 …, in 2^63-ths.
    private static let roots: [UInt64] = [
        0xb504f333f9de6484, 0x9837f0518db8a96f, 0x8b95c1e3ea8bd6e7, 0x85aac367cc487b15,
        0x82cd8698ac2ba1d7, 0x8164d1f3bc030773, 0x80b1ed4fd999ab6c, 0x8058d7d2d5e5f6b1,
        0x802c6436d0e04f51, 0x8016302f17467628, 0x800b179c82028fd1, 0x80058baf7fee3b5d,
        0x8002c5d00fdcfcb7, 0x800162e61bed4a49, 0x8000b17292f702a4, 0x800058b92abbae02,
        0x80002c5c8dade4d7, 0x8000162e44eaf636, 0x80000b1721fa7c19, 0x8000058b90de7e4d,
        0x800002c5c8678f37, 0x80000162e431dba0, 0x800000b1721872d1, 0x80000058b90c1aa9,
        0x8000002c5c8605a4, 0x800000162e4300e6, 0x8000000b17217ff8, 0x800000058b90bfdd,
        0x80000002c5c85fe7, 0x8000000162e42ff2, 0x80000000b17217f8, 0x8000000058b90bfc,
    ]

    /// The square root, rounded down: digit by digit.
    static func squareRoot(_ value: UInt64) -> UInt64 {
        var (rest, root, bit) = (value, UInt64(0), UInt64(1) << 62)
        while bit > 0 {
            if rest >= root + bit {
                rest -= root + bit
                root = root >> 1 + bit
            } else {
                root >>= 1
            }
            bit >>= 2
        }
        return root
    }

    /// `value` times `factor`, in 2^`bits`-ths of it, rounded down.
    ///
    /// - Parameter bits: 1...63, enough that the result fits.
    static func scaled(_ value: UInt64, by factor: UInt64, bits: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: factor)
        return product.high << (64 - bits) | product.low >> bits
    }
}
