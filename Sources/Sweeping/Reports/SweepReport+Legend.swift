extension SweepModel {
    fileprivate static let boundsTitle = "model: two bounds"
    fileprivate static let scalabilityTitle = "model: universal scalability law"

    /// What it is called, in words.
    var title: String {
        switch self {
        case .bounds: Self.boundsTitle
        case .scalability: Self.scalabilityTitle
        }
    }
}

extension SweepReport {
    /// The model and what was found for it, in words, with 95 % intervals where they are known.
    var modelText: String? {
        switch model {
        case .bounds(let time, let roof):
            let most = roof.isFinite ? "at most \(Figure.rate(roof))/s" : "no roof reached"
            return "\(SweepModel.boundsTitle): \(Figure.time(time)) each, \(most)"
        case .scalability(let contention, let coherency, let single):
            let parts = [
                "\(Figure.rate(single))/s for one" + Self.range(intervals?.single),
                "contention \(Figure.small(contention))" + Self.range(intervals?.contention),
                "coherency \(Figure.small(coherency))" + Self.range(intervals?.coherency),
            ]
            return "\(SweepModel.scalabilityTitle): " + parts.joined(separator: ", ")
        case nil: return nil
        }
    }

    private static func range(_ interval: ClosedRange<Double>?) -> String {
        interval.map {
            " (\(Figure.small($0.lowerBound))–\(Figure.small($0.upperBound)))"
        } ?? ""
    }
}

extension SweepReport.Knee {
    /// `knee 64`, or the reason why there is none.
    var text: String {
        switch self {
        // A tenth of a download matters only among few.
        case .at(let number):
            "knee \(number < 10 ? Figure.short(number) : Figure.short(number.rounded()))"
        case .none(let reason): reason
        }
    }
}
