/// Vaurien's names for ready-made lists of toxics (spelled `behavior` on the wire).
public enum Behaviour: String, CaseIterable, Sendable {
    /// The connection ends before the first byte of the answer.
    case abort
    /// The connection ends with the first byte of the request, which does not arrive.
    case blackout
    /// Everything arrives later.
    case delay
    /// Nothing happens.
    case dummy
    /// An error of the protocol or, where it has none, rubbish.
    case error
    /// The request vanishes and nothing ever comes.
    case hang
    /// `error` for a while, then nothing.
    case transient

    /// Vaurien's settings, with its defaults. Each behaviour looks at its own only.
    public struct Options: Equatable, Sendable {
        /// Longest `sleep`, in milliseconds: of a latency.
        public static var longestSleep: Int64 { Latency.attributes[0].range.upperBound }

        /// Of `delay`, in nanoseconds.
        public var sleep: Nanoseconds = 1_000_000_000
        /// Of `delay`: the request is late, else the answer.
        public var before = true
        /// Of `error` and `transient`: random bytes between the others, instead of in their place.
        public var inject = false
        /// Of `error` and `transient`: so many exchanges are left alone first.
        public var warmup: UInt64 = 0
        /// Of `transient`: so many exchanges after those are hit.
        public var agitate: UInt64 = 1

        public init() {}
    }

    /// What it does, in toxics of its own name.
    ///
    /// - Parameter errors: what `error` answers, where the protocol has errors; nil on `tcp`.
    public func toxics(_ options: Options, errors: Respond?) -> [Toxic] {
        switch self {
        case .dummy: []
        case .abort: [Toxic(.limitData(LimitData(bytes: 0)), stream: .downstream, name: rawValue)]
        case .blackout: [Toxic(.limitData(LimitData(bytes: 0)), stream: .upstream, name: rawValue)]
        case .hang: [Toxic(.timeout(Timeout(timeout: 0)), stream: .upstream, name: rawValue)]
        case .delay:
            [
                Toxic(
                    .latency(Latency(latency: options.sleep, jitter: 0)),
                    stream: options.before ? .upstream : .downstream, name: rawValue)
            ]
        case .error: error(options, errors, for: nil)
        case .transient: options.agitate == 0 ? [] : error(options, errors, for: options.agitate)
        }
    }

    /// - Parameter count: how many exchanges are hit after the warm-up; nil: all.
    private func error(
        _ options: Options, _ errors: Respond?, for count: UInt64?
    ) -> [Toxic] {
        guard options.warmup < .max else { return [] }
        let (sum, overflow) = options.warmup.addingReportingOverflow(count ?? .max)
        let last = overflow ? nil : sum
        let isAlways = options.warmup == 0 && count == nil
        let exchanges = ExchangeRange(first: options.warmup + 1, last: last, counting: .proxy)
        // Vaurien replaces an answer by 1000 random bytes, or puts 100 into its middle.
        let rubbish = Corrupt(bytes: options.inject ? 100 : 1000, inject: options.inject)
        return [
            Toxic(
                errors.map { .respond($0) } ?? .corrupt(rubbish),
                stream: errors == nil ? .downstream : .upstream, name: rawValue,
                exchanges: isAlways ? nil : exchanges)
        ]
    }
}
