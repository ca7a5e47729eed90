import ChaosProxy
import Faults
import HTTPWire
import Records

/// A reader of `/events` (server-sent events). It has no queue, only cursors: to the record that it
/// got last, and to the versions of state and meters. A reader that is slow loses records and is
/// told how many; it never costs memory.
final class EventStream: ResponseStream {
    /// Most records of one event.
    static let maximumRecords = 64
    /// Records that are looked at for an event.
    private static let maximumLooked = 4096
    /// Where an event ends, in bytes: one record more, and it is still less than 64 KiB.
    private static let maximumBytes = 44 << 10
    /// Nothing for so long, and the connection is shown to be alive.
    private static let silence: Nanoseconds = 15_000_000_000

    override var isEndless: Bool { true }

    private let readers: EventReaders
    private let journal: Journal
    private var filter: RecordFilter
    private var writer: JournalLine
    private var cursor: UInt64
    private var stateVersion: UInt64 = 0
    private var metersVersion: UInt64 = 0
    /// Of the tick before the last piece.
    private var lastSent: Instant?
    private var isSilent = false

    /// - Parameter sequence: of the record that it got last.
    init(
        _ readers: EventReaders, _ journal: Journal, _ filter: RecordFilter,
        after sequence: UInt64, seed: UInt64
    ) {
        (self.readers, self.journal, self.filter, cursor) = (readers, journal, filter, sequence)
        writer = JournalLine(seed: seed)
        super.init(
            200,
            fields: [
                HTTPField("Content-Type", "text/event-stream"),
                HTTPField("Cache-Control", "no-store"),
            ])
    }

    override func next() -> Piece {
        guard let event = state ?? meters ?? lost ?? records ?? keepAlive else { return .later }
        (lastSent, isSilent) = (readers.now, false)
        return .bytes(event)
    }

    override func closed() { readers.remove(self) }

    /// Has it ask again if there is something.
    func tick(at now: Instant) {
        isSilent = now - (lastSent ?? now) >= Self.silence
        lastSent = lastSent ?? now
        let isBehind =
            stateVersion != readers.stateVersion
            || metersVersion != readers.metersVersion || cursor < journal.newest
        if isBehind || isSilent { onMore?() }
    }

    // MARK: Events

    private var state: [UInt8]? {
        guard stateVersion != readers.stateVersion else { return nil }
        stateVersion = readers.stateVersion
        return Self.event("state", readers.state)
    }

    private var meters: [UInt8]? {
        guard metersVersion != readers.metersVersion, !readers.meters.isEmpty else { return nil }
        metersVersion = readers.metersVersion
        return Self.event("meters", readers.meters)
    }

    private var lost: [UInt8]? {
        let count = journal.forgotten(after: cursor)
        guard count > 0 else { return nil }
        cursor = journal.lastForgotten
        return Self.event("lost", Array("{\"count\":\(count)}".utf8))
    }

    private var records: [UInt8]? {
        var index = journal.index(after: cursor)
        let end = min(index + Self.maximumLooked, journal.count)
        guard index < end else { return nil }
        var data = [UInt8(ascii: "[")]
        var count = 0
        while index < end, count < Self.maximumRecords, data.count < Self.maximumBytes {
            let record = journal[index]
            (cursor, index) = (record.sequence, index + 1)
            guard filter.matches(record) else { continue }
            if count > 0 { data.append(UInt8(ascii: ",")) }
            writer.append(object: record, to: &data)
            count += 1
        }
        guard count > 0 else {
            // Something is sent, so that the rest is asked for.
            return index < journal.count ? Array(": more\n\n".utf8) : nil
        }
        data.append(UInt8(ascii: "]"))
        return Self.event("records", data, id: cursor)
    }

    private var keepAlive: [UInt8]? { isSilent ? Array(": keep-alive\n\n".utf8) : nil }

    /// - Parameter data: without line ends, as JSON is written here.
    private static func event(_ name: StaticString, _ data: [UInt8], id: UInt64? = nil) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(data.count + 64)
        bytes.append("event: ")
        bytes.append(name)
        if let id {
            bytes.append("\nid: ")
            bytes.append(decimal: id)
        }
        bytes.append("\ndata: ")
        bytes += data
        bytes.append("\n\n")
        return bytes
    }
}
