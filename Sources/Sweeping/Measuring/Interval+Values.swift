extension Interval {
    /// Of a few values that were measured alike, one of them a whole run each.
    public init(of values: [Double]) {
        let count = Double(values.count)
        let mean = values.isEmpty ? 0 : values.reduce(0, +) / count
        guard values.count > 1 else {
            self.init(mean: mean, halfWidth: .infinity)
            return
        }
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
        let error = (variance / count).squareRoot()
        self.init(
            mean: mean,
            halfWidth: StudentT.quantile(degreesOfFreedom: values.count - 1) * error)
    }
}
