import ChaosProxy
import Faults
import HTTPWire
import Records

/// A reader of `/events` (server-sent events). It has no queue, only cursors: to the record that it
/// got last, and to the versions of all else. A reader that is slow loses records and is told how
/// many; it never costs memory.
final class EventStream: ResponseStream, ScanTurns.Reader {
    /// Nothing for so long, and the connection is shown to be alive.
    private static let silence: Nanoseconds = 15_000_000_000

    override var isEndless: Bool { true }

    private let readers: EventReaders
    private var records: EventRecords
    private let turns: ScanTurns
    private var stateVersion: UInt64 = 0
    private var metersVersion: UInt64 = 0
    private var runningVersion: UInt64 = 0
    /// As it was told last.
    private var isSomethingRunning = false
    /// Of the tick before the last piece.
    private var lastSent: Instant?
    private var isSilent = false

    init(_ readers: EventReaders, _ records: EventRecords, _ turns: ScanTurns) {
        (self.readers, self.records, self.turns) = (readers, records, turns)
        super.init(
            200,
            fields: [
                HTTPField("Content-Type", "text/event-stream"),
                HTTPField("Cache-Control", "no-store"),
            ])
    }

    override func next() -> Piece {
        guard let event = state ?? meters ?? running ?? records.next() ?? keepAlive else {
            if records.isInterrupted { turns.wait(for: self) }
            return .later
        }
        (lastSent, isSilent) = (readers.now, false)
        return .bytes(event)
    }

    override func closed() { readers.remove(self) }

    func turnCame() { onMore?() }

    /// Has it ask again if there is something.
    func tick(at now: Instant) {
        isSilent = now - (lastSent ?? now) >= Self.silence
        lastSent = lastSent ?? now
        records.tick(at: now)
        let isBehind =
            stateVersion != readers.stateVersion || metersVersion != readers.metersVersion
            || runningVersion != readers.runningVersion || records.hasMore
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

    private var running: [UInt8]? {
        guard runningVersion != readers.runningVersion else { return nil }
        runningVersion = readers.runningVersion
        // Who has been told of nothing knows that there is nothing.
        guard isSomethingRunning || readers.isSomethingRunning else { return nil }
        isSomethingRunning = readers.isSomethingRunning
        return Self.event("running", readers.running)
    }

    private var keepAlive: [UInt8]? { isSilent ? Array(": keep-alive\n\n".utf8) : nil }

    /// - Parameter data: without line ends, as JSON is written here.
    static func event(_ name: StaticString, _ data: [UInt8], id: UInt64? = nil) -> [UInt8] {
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
