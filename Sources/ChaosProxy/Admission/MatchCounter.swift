import Faults

/// The counts of toxics that have their own (`per: match`, `client` and `header`): of the exchanges
/// that their `match` lets in, by the order of arrival.
///
/// Bounded: each toxic counts all that it lets in, and one proxy's toxics have 65 536 counters for
/// single clients and values together.
struct MatchCounter {
    static let maximumSubjects = 65_536

    private struct Tally {
        let match: Match?
        let counting: ExchangeRange.Counting
        /// By client or value; by nothing where all are counted together.
        var counts: [UInt64: UInt64] = [:]
        /// Those that open connections have been given, by their numbers at the proxy.
        var connections: [UInt32: UInt64] = [:]

        init(_ toxic: Toxic) {
            (match, counting) = (toxic.match, toxic.exchanges?.counting ?? .match)
        }

        func isOf(_ toxic: Toxic) -> Bool {
            match == toxic.match && counting == toxic.exchanges?.counting
        }
    }

    /// By the names of the toxics.
    private var tallies: [String: Tally] = [:]
    private var subjects = 0

    /// Counts one more exchange that a toxic lets in.
    ///
    /// - Parameters:
    ///   - subject: stands for the client or the value; nil where all are counted together.
    ///   - connection: the number of the connection that is the exchange: it is counted once.
    /// - Returns: its number, from 1; nil for a new client or value when there is no place left.
    mutating func next(
        for toxic: Toxic, _ subject: UInt64?, connection: UInt32? = nil
    ) -> UInt64? {
        var tally = tallies.removeValue(forKey: toxic.name) ?? Tally(toxic)
        defer { tallies[toxic.name] = tally }
        if let connection, let known = tally.connections[connection] { return known }
        let key = subject ?? 0
        let count = tally.counts[key] ?? 0
        if subject != nil, count == 0 {
            guard subjects < Self.maximumSubjects else { return nil }
            subjects += 1
        }
        tally.counts[key] = count + 1
        if let connection { tally.connections[connection] = count + 1 }
        return count + 1
    }

    /// Forgets what toxics have counted that are gone, or let in others now.
    mutating func keep(_ toxics: [Toxic]) {
        guard !tallies.isEmpty else { return }
        tallies = tallies.filter { name, tally in
            toxics.contains { $0.name == name && tally.isOf($0) }
        }
        subjects = tallies.values.reduce(0) { sum, tally in
            sum + (tally.counting == .match ? 0 : tally.counts.count)
        }
    }

    /// Everybody is counted from 1 again; open connections keep their numbers.
    mutating func reset() {
        for name in tallies.keys { tallies[name]?.counts = [:] }
        subjects = 0
    }

    /// A connection has gone.
    mutating func forget(connection: UInt32) {
        guard !tallies.isEmpty else { return }
        for name in tallies.keys { tallies[name]?.connections[connection] = nil }
    }
}
