/// What the catalogue says of a fault beside how it works: what it is about, what a client should
/// make of it, and who has met it.
public struct FaultNote: Equatable, Sendable {
    /// What a fault is about; the order in which people are told of them.
    public enum Group: String, CaseIterable, Sendable {
        case listener, connection, head, interim, redirect, body, chunks, coding, range, reuse
        case names
    }

    /// What a good client does on it.
    public enum Outcome: String, CaseIterable, Sendable {
        /// It reports an error, or tries again until it has the right bytes.
        case error
        /// It has the right bytes: a control.
        case accept
        /// It ends, whatever it says.
        case end
        /// It does not crash.
        case observe
    }

    public enum Level: String, CaseIterable, Sendable { case critical, high, medium, low }

    /// What a client must do for the fault to mean anything.
    public enum Need: String, CaseIterable, Sendable {
        case redirect, gzip, range, reuse, head, ipv6
    }

    /// What lies under the final name before the client begins.
    public struct Given: Equatable, Sendable {
        /// So much of it, in per cent, from the start: `..40%`.
        public var percent: Int
        /// Of another flag.
        public var isOther: Bool

        public init(percent: Int, isOther: Bool) {
            (self.percent, self.isOther) = (percent, isOther)
        }
    }

    /// nil for a script of somebody's own that does not say.
    public var group: Group?
    public var expect: Outcome?
    public var level: Level?
    public var needs: Set<Need> = []
    public var given: Given?
    /// Where it is ruled: `RFC 9112 §8`.
    public var sources: [String] = []
    /// Addresses of reports.
    public var links: [String] = []
    public var aliases: [String] = []

    public init() {}
}
