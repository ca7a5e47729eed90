import ControlAPI
import EventLoop
import Faults
import Glibc
import Records

/// A world that was made over the control port, with its name and its end. Loop thread only.
final class PrivateWorld {
    /// For how many seconds its connections may still end by themselves.
    private static let lastSeconds = 5
    /// Records that its end tells.
    private static let lastRecords = 20

    let name: String
    let flags: FlagWorld
    /// Seconds without anybody asking after which it ends.
    let ttl: Int
    /// Descriptors that were taken from those for connections.
    let descriptors: Int
    /// Seconds for which nobody has asked.
    private var idle = 0
    private var acceptedBefore: UInt64 = 0

    init(name: String, flags: FlagWorld, ttl: Nanoseconds, descriptors: Int) {
        (self.name, self.flags, self.descriptors) = (name, flags, descriptors)
        self.ttl = Int((ttl + 999_999_999) / 1_000_000_000)
    }

    /// - Returns: whether its time is over.
    func everySecond() -> Bool {
        let accepted = flags.world.acceptedCount
        let isUsed = accepted != acceptedBefore || flags.world.connectionCount > 0
        acceptedBefore = accepted
        idle = isUsed ? 0 : idle + 1
        // The first second had begun before.
        return idle > ttl
    }

    /// Its ports are closed. What its last connections tell goes to `hearers` alone: its ring has
    /// been told, and gives its memory back.
    func hasEnded(_ hearers: [(ExchangeRecord) -> Void]) {
        idle = 0
        flags.forget(hearers)
    }

    /// Once a second, from then on: a client that takes nothing cannot keep it for ever.
    func cutIfLate() {
        idle += 1
        if idle > Self.lastSeconds { flags.world.cut() }
    }

    var figures: [Expectation.Figures] { flags.world.figures(of: name) }

    // MARK: What is told

    /// What a ready file says, with its name and its time.
    var json: String {
        let members = ReadyFile.members(seed: flags.settings.seed, flags.places)
        return "{\"name\":\(name.asJSON),\"ttl\":\(ttl),\(members)}"
    }

    /// What it has counted, and its last records.
    var summary: String {
        let totals = figures.map { "\($0.name.asJSON):{\(Self.members($0))}" }
        return "{\"name\":\(name.asJSON),\"seed\":\(flags.settings.seed),"
            + "\"totals\":{\(totals.joined(separator: ","))},\"records\":[\(records)]}"
    }

    private static func members(_ figures: Expectation.Figures) -> String {
        Expectation.Measure.allCases.map { "\"\($0.rawValue)\":\($0.value(figures.counters))" }
            .joined(separator: ",")
    }

    private var records: String {
        guard let journal = flags.journal else { return "" }
        var line = JournalLine(seed: flags.settings.seed)
        var bytes: [UInt8] = []
        for index in max(journal.count - Self.lastRecords, 0)..<journal.count {
            if !bytes.isEmpty { bytes.append(UInt8(ascii: ",")) }
            line.append(object: journal[index], to: &bytes)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension World {
    /// What its proxies have counted since the start, those that were deleted too.
    func figures(of name: String?) -> [Expectation.Figures] {
        registry.totals.map {
            Expectation.Figures(world: name, name: $0.name, counters: $0.counters)
        }
    }
}
