/// A complete response made ahead: head and, where it lies in memory, body in one piece, to be sent
/// with one write. Only the date changes.
///
/// Loop thread only, once it is served.
public final class PreparedResponse {
    public let status: HTTPStatus
    public let fields: [HTTPField]
    public let body: Bytes
    /// The request target whose plain GET it answers; empty if it answers many.
    public let target: String

    /// The head, followed by the body if that lies in memory.
    private let bytes: UnsafeMutableRawBufferPointer
    private let headCount: Int
    private let dateOffset: Int
    private var stampedDate = Int64.min
    /// A page-aligned place in a memory file that holds the same bytes.
    private var slot: (file: Int32, offset: Int64, owner: AnyObject)?

    public init(
        _ status: HTTPStatus, fields: [HTTPField], body: Bytes, target: String = "",
        persistence: HTTPSerializer.Persistence = .implied
    ) {
        (self.status, self.fields, self.body, self.target) = (status, fields, body, target)
        let head = HTTPSerializer.head(
            status, fields: fields, contentLength: body.count, date: 0, persistence: persistence)
        headCount = head.count
        dateOffset = HTTPSerializer.dateOffset(status)
        let memory = body.memory
        bytes = .allocate(byteCount: head.count + (memory?.count ?? 0), alignment: 16)
        bytes.copyBytes(from: head)
        if let memory {
            UnsafeMutableRawBufferPointer(rebasing: bytes[head.count...]).copyMemory(from: memory)
        }
    }

    deinit { bytes.deallocate() }

    /// Head and body together.
    public var count: Int { headCount + body.count }
    /// How much of it lies in one piece.
    public var pieceCount: Int { bytes.count }

    /// The same response with `Connection: close`; made when it is needed first.
    public private(set) lazy var closing: PreparedResponse = {
        let closing = PreparedResponse(
            status, fields: fields, body: body, target: target, persistence: .close)
        if let slot, slotSize > 0 {
            closing.place(in: slot.file, at: slot.offset + slotSize, owner: slot.owner)
        }
        return closing
    }()

    /// Room in a memory file for this response: pages, so that they can be taken out of it.
    private var slotSize: Int64 = 0

    /// Gives the response a place in a memory file, and the closing one the place behind it. Each
    /// is filled when the response is stamped.
    ///
    /// - Parameter size: of each place, a multiple of the page size, and enough for either; 0 if
    ///   there is no place for the closing one.
    public func place(in file: Int32, at offset: Int64, size: Int64 = 0, owner: AnyObject) {
        (slot, slotSize, stampedDate) = ((file, offset, owner), size, .min)
    }

    /// Most bytes that either of the two lies in.
    public var largestPieceCount: Int {
        pieceCount + HTTPSerializer.line(for: .close).utf8.count
    }

    /// Head and body in one piece, or the head alone if the body lies in a file of its own.
    public enum Piece {
        /// To be sent by copying: the date changes in place.
        case memory(UnsafeRawBufferPointer)
        /// To be sent now or not at all: later, another date may stand there.
        case file(Int32, offset: Int64, count: Int)
    }

    /// The piece to be sent now, with its date.
    ///
    /// - Parameters:
    ///   - date: seconds since 1970.
    ///   - replace: puts bytes at an offset of the memory file without touching what is in flight.
    @inline(__always)
    public func piece(
        date: Int64, replace: (Int32, Int64, UnsafeRawBufferPointer) -> Bool
    ) -> Piece {
        if date != stampedDate { stamp(date, replace) }
        guard let slot else { return .memory(UnsafeRawBufferPointer(bytes)) }
        return .file(slot.file, offset: slot.offset, count: bytes.count)
    }

    /// What follows after the first `sent` bytes of the piece that was asked for last.
    public func rest(after sent: Int) -> [Bytes] {
        let head = UnsafeRawBufferPointer(rebasing: bytes[min(sent, headCount)..<headCount])
        let bodySent = max(sent - headCount, 0)
        return (head.isEmpty ? [] : [Bytes(ByteStorage(copying: head))])
            + (bodySent < body.count ? [body[bodySent..<body.count]] : [])
    }

    /// The head alone, for HEAD and for a connection that says how it goes on.
    public func head(
        date: Int64, persistence: HTTPSerializer.Persistence, adding field: HTTPField? = nil
    ) -> Bytes {
        var head = [UInt8](bytes[..<(headCount - 2)])
        if let field { head += "\(field.name): \(field.value)\r\n".utf8 }
        head += HTTPSerializer.line(for: persistence).utf8
        head += [0x0d, 0x0a]
        return head.withUnsafeMutableBytes { head in
            if let start = head.baseAddress {
                HTTPDate.write(
                    date, to: (start + dateOffset).assumingMemoryBound(to: UInt8.self))
            }
            return Bytes(ByteStorage(copying: UnsafeRawBufferPointer(head)))
        }
    }

    private func stamp(
        _ date: Int64, _ replace: (Int32, Int64, UnsafeRawBufferPointer) -> Bool
    ) {
        guard let start = bytes.baseAddress else { return }
        HTTPDate.write(date, to: (start + dateOffset).assumingMemoryBound(to: UInt8.self))
        stampedDate = date
        guard let place = slot else { return }
        if !replace(place.file, place.offset, UnsafeRawBufferPointer(bytes)) { slot = nil }
    }
}
