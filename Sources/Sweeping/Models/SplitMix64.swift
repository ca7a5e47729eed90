import Glibc

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers from the same seed on every machine and
/// with every toolchain.
struct SplitMix64 {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// Above 0, up to 1.
    private mutating func unit() -> Double { Double(next() >> 11 + 1) * 0x1p-53 }

    /// From the standard normal distribution (Box and Muller).
    mutating func normal() -> Double {
        (-2 * log(unit())).squareRoot() * cos(2 * .pi * unit())
    }

    /// In any order, each as likely.
    mutating func shuffled(_ numbers: [Int]) -> [Int] {
        var numbers = numbers
        for last in numbers.indices.dropFirst().reversed() {
            let other = next().multipliedFullWidth(by: UInt64(last + 1)).high
            numbers.swapAt(last, Int(other))
        }
        return numbers
    }
}
