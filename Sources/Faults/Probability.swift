/// A chance from 0 to 1, decided by integers alone; below 0 is never and above 1 is always.
public struct Probability: Equatable, Sendable {
    /// As it was given, for people.
    public let fraction: Double
    /// A drawn 64-bit number below it is a hit, out of 2^64.
    private let threshold: UInt64

    public static let never = Probability(unchecked: 0)
    public static let always = Probability(unchecked: 1)

    /// - Returns: nil outside 0...1, and for NaN.
    public init?(_ fraction: Double) {
        guard fraction >= 0, fraction <= 1 else { return nil }
        self.init(unchecked: fraction)
    }

    /// Any number, as Toxiproxy takes it; it is shown as it was given.
    ///
    /// - Parameter fraction: finite.
    public init(anyNumber fraction: Double) {
        self.init(unchecked: fraction)
    }

    private init(unchecked fraction: Double) {
        self.fraction = fraction
        threshold = fraction >= 1 ? .max : UInt64(max(fraction, 0) * 0x1p64)
    }

    /// Whether a drawn number is a hit. 0 never hits, 1 always does.
    public func hits(_ drawn: UInt64) -> Bool {
        drawn < threshold || fraction >= 1
    }

    /// This share of `count`, rounded to the nearest whole number.
    func share(of count: UInt64) -> UInt64 {
        if fraction >= 1 { return count }
        let product = threshold.multipliedFullWidth(by: count)
        return product.high + (product.low >> 63)
    }
}
