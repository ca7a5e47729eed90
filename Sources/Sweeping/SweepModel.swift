/// How the rate depends on the number of concurrent downloads N.
public enum SweepModel: Equatable, Sendable {
    /// X(N) = min(N / R₀, X_max): each download takes R₀ until the server's roof is reached.
    ///
    /// - Parameters:
    ///   - time: R₀, in seconds.
    ///   - roof: X_max, per second; infinity if none was reached.
    case bounds(time: Double, roof: Double)
    /// Gunther's universal scalability law, X(N) = γN / (1 + α(N−1) + βN(N−1)).
    ///
    /// - Parameters:
    ///   - contention: α, what waits in line, 0 or more.
    ///   - coherency: β, what all have to agree on, 0 or more.
    ///   - single: γ, the rate of one, per second.
    case scalability(contention: Double, coherency: Double, single: Double)

    /// Per second, with `concurrency` downloads at once.
    public func rate(at concurrency: Double) -> Double {
        switch self {
        case .bounds(let time, let roof): min(concurrency / time, roof)
        case .scalability(let contention, let coherency, let single):
            single * concurrency
                / (1 + contention * (concurrency - 1)
                    + coherency * concurrency * (concurrency - 1))
        }
    }
}
