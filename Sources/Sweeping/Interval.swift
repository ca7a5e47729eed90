/// A mean, and how far the true one may be from it in 95 of 100 cases.
public struct Interval: Equatable, Sendable {
    public let mean: Double
    /// Half the width of the interval, in the same unit; infinity if too little is known.
    public let halfWidth: Double

    public init(mean: Double, halfWidth: Double) {
        (self.mean, self.halfWidth) = (mean, halfWidth)
    }

    /// The half-width as a part of the mean.
    public var relative: Double { mean > 0 ? halfWidth / mean : .infinity }
}
