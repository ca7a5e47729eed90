import ChaosProxy
import EventLoop
import Faults
import HTTPWire
import Records

/// The answer to `POST /replay`: one JSON object, made when the replay is over and its record is in
/// the journal. Whoever leaves early ends it.
final class Replay: ResponseStream {
    private static let pieceSize = 48 << 10
    /// How long the record of the new attempt is waited for, from one look to the next: a second.
    private static let waits: [Nanoseconds] = [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512]
        .map { $0 * 1_000_000 }

    private let request: ReplayRequest
    private let journal: Journal
    private let places: ReplayPlaces
    private var connection: ReplayConnection?
    private var timer: Timer?
    /// The sequence number that was looked at last.
    private var cursor: UInt64
    private var looks = 0
    /// Of the record of the new attempt.
    private var sequence: UInt64?
    /// nil until it is over.
    private var reply: [UInt8]?
    private var sent = 0

    /// Asks at once.
    ///
    /// - Throws: `APIError` if too many are under way.
    init(
        _ request: ReplayRequest, _ journal: Journal, places: ReplayPlaces, timeout: Nanoseconds,
        on loop: EventLoop
    ) throws(APIError) {
        try places.take()
        (self.request, self.journal, self.places) = (request, journal, places)
        cursor = journal.newest
        super.init(
            200,
            fields: [
                HTTPField("Content-Type", "application/json"),
                HTTPField("Cache-Control", "no-store"),
            ])
        timer = Timer(on: loop) { [unowned self] in look() }
        connection = ReplayConnection(request, timeout: timeout, on: loop) { [unowned self] in
            // Not in the connection's own callback: who gets the reply may let go of all this.
            timer?.schedule(after: 0)
        }
    }

    deinit {
        connection?.cancel()
        places.giveBack()
    }

    override func next() -> Piece {
        guard let reply else { return .later }
        guard sent < reply.count else { return .end }
        let piece = reply[sent..<min(sent + Self.pieceSize, reply.count)]
        sent += piece.count
        return .bytes(Array(piece))
    }

    override func closed() {
        connection?.cancel()
        timer?.cancel()
    }

    // MARK: The record

    private func look() {
        guard reply == nil, let connection else { return }
        let isAwaited = connection.isConnected && !isFound(connection.local)
        if isAwaited, looks + 1 < Self.waits.count {
            looks += 1
            timer?.schedule(after: Self.waits[looks])
            return
        }
        reply = JSONWriter.bytes(json(connection)) + [0x0a]
        onMore?()
    }

    /// Whether the record of the request is there. That of its connection is taken where a fault
    /// at the door has let no request in.
    private func isFound(_ client: SocketAddress?) -> Bool {
        for index in journal.index(after: cursor)..<journal.count {
            let record = journal[index]
            cursor = record.sequence
            guard record.client == client, record.proxy == request.proxy else { continue }
            sequence = record.sequence
            if !record.isConnection { return true }
        }
        return false
    }

    // MARK: Telling

    private func json(_ connection: ReplayConnection) -> JSONValue {
        let reader = connection.reader
        let ending = connection.ending ?? .error
        let isCut = reader.contentCount > reader.firstContent.count || ending != .complete
        let text = ReplayText.text(reader.firstContent, isCut: isCut)
        let head = reader.head
        return .object([
            .init("proxy", .string(request.proxy)), .init("method", .string(request.method)),
            .init("target", .string(request.target)),
            .init("interim", .array(reader.interim.map { .number(Int64($0)) })),
            .init("status", Self.number(head?.status)),
            .init("reason", Self.string(head?.reason)),
            .init("fields", .array(head?.fields.map(\.json) ?? [])),
            .init("fields_omitted", .number(Int64(head?.omittedCount ?? 0))),
            .init("content_bytes", .number(Int64(reader.contentCount))),
            .init("content_length", Self.number(head?.length)), .init("text", Self.string(text)),
            .init("truncated", .bool(ending == .truncated)),
            .init(
                "duration_ms", JSONWriter.number(Double(connection.duration / 1000) / 1000)),
            .init("ending", .string(ending.rawValue)),
            .init("problem", Self.string(connection.failure ?? reader.problem)),
            .init("seq", Self.number(sequence)),
        ])
    }

    private static func string(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }

    private static func number<Value: BinaryInteger>(_ value: Value?) -> JSONValue {
        value.map { .number("\($0)") } ?? .null
    }
}
