/// What `bandwidth` shares between the exchanges of one connection: one for each connection and
/// direction, by the name of the toxic.
public final class BandwidthCredits {
    private struct Entry {
        weak var credit: BandwidthCredit?
    }

    private var entries: [String: Entry] = [:]

    public init() {}

    /// How many names it knows.
    var count: Int { entries.count }

    /// The credit of a toxic; a new one if no exchange under way has it, which then owes nothing.
    func credit(named name: String) -> BandwidthCredit {
        if let credit = entries[name]?.credit { return credit }
        // Names may change without end while a connection lives.
        entries = entries.filter { $0.value.credit != nil }
        let credit = BandwidthCredit()
        entries[name] = Entry(credit: credit)
        return credit
    }
}
