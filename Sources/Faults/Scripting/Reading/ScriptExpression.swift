/// A sum of numbers, shares and variables: a place, a size, a time or a count.
struct ScriptExpression: Equatable, Sendable {
    enum Term: Equatable, Sendable {
        /// Bytes, nanoseconds, or only counted.
        case number(Int64)
        /// Of what it is a place in.
        case share(Double)
        case variable(ScriptVariable)
    }

    /// With 1 or -1 before each.
    let terms: [(sign: Int64, term: Term)]

    static func == (left: ScriptExpression, right: ScriptExpression) -> Bool {
        left.terms.elementsEqual(right.terms, by: ==)
    }

    var variables: [ScriptVariable] {
        terms.compactMap { if case .variable(let variable) = $0.term { variable } else { nil } }
    }

    /// What it is if that is known without a request and an answer; nil else.
    var constant: Int64? {
        var sum: Int64 = 0
        for (sign, term) in terms {
            guard case .number(let number) = term else { return nil }
            sum = Self.sum(sum, sign, number)
        }
        return sum
    }

    /// - Parameters:
    ///   - whole: what shares are of.
    ///   - number: what a variable is.
    func value(of whole: Int, _ number: (ScriptVariable) -> Int64) -> Int64 {
        var sum: Int64 = 0
        for (sign, term) in terms {
            let value =
                switch term {
                case .number(let number): number
                case .share(let share): Self.share(share, of: whole)
                case .variable(let variable): number(variable)
                }
            sum = Self.sum(sum, sign, value)
        }
        return sum
    }

    /// A share of it, rounded down; but 29% of 100 is 29, though the next smaller binary fraction
    /// says less.
    static func share(_ share: Double, of whole: Int) -> Int64 {
        Int64(exactly: (share * Double(whole) + 1e-6).rounded(.down)) ?? .max
    }

    private static func sum(_ sum: Int64, _ sign: Int64, _ value: Int64) -> Int64 {
        let (result, overflow) =
            sign < 0 ? sum.subtractingReportingOverflow(value) : sum.addingReportingOverflow(value)
        return overflow ? (sum < 0 ? .min : .max) : result
    }
}
