import Faults

/// What URLs have named lately, so that most are not read again: bounded, and what is old goes
/// with all of it.
struct KnownFaultPaths {
    /// A segment, with all that is drawn for it.
    struct Entry {
        let path: FaultPath
        let plan: FaultPlan
    }

    static let maximumCount = 256
    /// What is longer is read each time, in bytes.
    static let maximumLength = 512

    private let seed: UInt64
    private let proxy: String
    private var entries: [[UInt8]: Entry] = [:]

    /// - Parameters:
    ///   - seed: all draws begin with it.
    ///   - proxy: the name of the server.
    init(seed: UInt64, proxy: String) {
        (self.seed, self.proxy) = (seed, proxy)
    }

    var count: Int { entries.count }

    /// What a segment names.
    mutating func entry(_ segment: [UInt8]) throws(FaultPathError) -> Entry {
        if let known = entries[segment] { return known }
        let path = try FaultPath(segment)
        let entry = Entry(path: path, plan: FaultPlan(path.toxics, proxy: proxy, seed: seed))
        guard segment.count <= Self.maximumLength else { return entry }
        if entries.count == Self.maximumCount { entries.removeAll(keepingCapacity: true) }
        entries[segment] = entry
        return entry
    }
}
