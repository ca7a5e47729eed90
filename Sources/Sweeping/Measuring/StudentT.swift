/// Student's distribution: how much further off a mean may be if the spread is known from a few
/// values only.
enum StudentT {
    /// For 1, 2, 3 … degrees of freedom.
    private static let first = [
        12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281,
    ]
    /// Of the normal distribution.
    static let normal = 1.959963984540054

    /// The 0.975 quantile, right to four decimals; infinity for less than one degree of freedom.
    static func quantile(degreesOfFreedom: Int) -> Double {
        guard degreesOfFreedom > 0 else { return .infinity }
        guard degreesOfFreedom > first.count else { return first[degreesOfFreedom - 1] }
        // Cornish and Fisher's series (Abramowitz and Stegun 26.7.5), off by 5e-6 at the most here.
        let (z, count) = (normal, Double(degreesOfFreedom))
        let square = z * z
        let terms = [
            z * (square + 1) / 4,
            z * ((5 * square + 16) * square + 3) / 96,
            z * (((3 * square + 19) * square + 17) * square - 15) / 384,
            z * ((((79 * square + 776) * square + 1482) * square - 1920) * square - 945) / 92_160,
        ]
        return z + terms.reversed().reduce(0) { ($0 + $1) / count }
    }
}
