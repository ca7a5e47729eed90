/// What `bandwidth` shares: between the exchanges of one connection, or between all connections of
/// a proxy. One for each direction, by the name of the toxic.
public final class BandwidthCredits {
    /// Who shares them.
    private enum Scope {
        /// With those of its proxy, if that has any.
        case connection(of: BandwidthCredits?)
        case proxy
    }

    private struct Entry {
        weak var credit: BandwidthCredit?
    }

    private let scope: Scope
    private var entries: [String: Entry] = [:]

    /// Those of a connection.
    ///
    /// - Parameter proxy: those of its proxy, for toxics that all of its connections share.
    public init(of proxy: BandwidthCredits? = nil) {
        scope = .connection(of: proxy)
    }

    private init(_ scope: Scope) {
        self.scope = scope
    }

    /// Those of a proxy; for connections, too, that are one exchange each.
    public static func ofProxy() -> BandwidthCredits { BandwidthCredits(.proxy) }

    /// How many names it knows.
    var count: Int { entries.count }

    /// The credit of a toxic; a new one if no exchange under way has it, which then owes nothing.
    func credit(of toxic: Toxic) -> BandwidthCredit {
        let isShared =
            if case .bandwidth(let bandwidth) = toxic.fault { bandwidth.isShared } else { false }
        return switch scope {
        case .connection(let proxy?) where isShared: proxy.credit(named: toxic.key)
        case .connection: credit(named: toxic.key)
        case .proxy: isShared ? credit(named: toxic.key) : BandwidthCredit()
        }
    }

    private func credit(named name: String) -> BandwidthCredit {
        if let credit = entries[name]?.credit { return credit }
        // Names may change without end while a connection lives.
        entries = entries.filter { $0.value.credit != nil }
        let credit = BandwidthCredit()
        entries[name] = Entry(credit: credit)
        return credit
    }
}
