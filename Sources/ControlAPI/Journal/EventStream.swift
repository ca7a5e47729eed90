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
    /// Where an event ends, in bytes: one record more, and it is still less than 64 KiB.
    private static let maximumBytes = 44 << 10
    /// Nothing for so long, and the connection is shown to be alive.
    private static let silence: Nanoseconds = 15_000_000_000

    override var isEndless: Bool { true }

    private let readers: EventReaders
    private let journal: Journal
    private var writer: JournalLine
    private var cursor: UInt64
    private var stateVersion: UInt64 = 0
    private var metersVersion: UInt64 = 0
    /// Of the tick before the last piece.
    private var lastSent: Instant?
    private var isSilent = false

    /// - Parameter sequence: of the record that it got last.
    init(_ readers: EventReaders, _ journal: Journal, after sequence: UInt64, seed: UInt64) {
        (self.readers, self.journal, cursor) = (readers, journal, sequence)
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
        let first = journal.index(after: cursor)
        guard first < journal.count else { return nil }
        var data = [UInt8(ascii: "[")]
        for index in first..<min(first + Self.maximumRecords, journal.count)
        where data.count < Self.maximumBytes {
            if index > first { data.append(UInt8(ascii: ",")) }
            let record = journal[index]
            writer.append(object: record, to: &data)
            cursor = record.sequence
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
