/// What a sweep has found, ready to be told.
public struct SweepReport: Equatable, Sendable {
    /// The best number, and why it is the best.
    public enum Knee: Equatable, Sendable {
        /// More than so many bring little.
        case at(Double)
        /// None was found, and why: `no knee up to 128: every connection more brings the same`.
        case none(reason: String)
    }

    /// What was asked: `DELAY`, or the command that was run.
    public let name: String
    /// What is counted: `flags` or `downloads`.
    public let unit: String
    /// In the order of their concurrency.
    public let rows: [SweepRow]
    /// R₁, the mean time of a download with one at a time, in seconds: the ideal rate is N / R₁.
    public let singleTime: Double?
    /// The one that fits better (AICc); nil if there are too few rows.
    public let model: SweepModel?
    public let knee: Knee
    /// The smallest within 5 % of the best; nil if nothing succeeded.
    public let recommended: Int?
    /// `Use 64: the smallest within 5 % of the best (104.9 ± 1.8 flags/s). …`
    public let sentence: String
    /// How sure the values of the model are; nil if it is not the universal scalability law.
    public let intervals: ScalabilityIntervals?

    public init(
        name: String, unit: String, rows: [SweepRow], singleTime: Double?, model: SweepModel?,
        knee: Knee, recommended: Int?, sentence: String,
        intervals: ScalabilityIntervals? = nil
    ) {
        (self.name, self.unit, self.rows, self.singleTime) = (name, unit, rows, singleTime)
        (self.model, self.knee) = (model, knee)
        (self.recommended, self.sentence, self.intervals) = (recommended, sentence, intervals)
    }
}
