/// A complete response made ahead, to be sent with one call: head and body in one piece, in memory
/// or in a memory file, or the head alone if the body lies in a file of its own. Only the date
/// changes.
///
/// Loop thread only, once it is served.
public final class PreparedResponse {
    public let status: HTTPStatus
    public let fields: [HTTPField]
    public let body: Bytes
    /// The request target whose plain GET it answers; empty if it answers many.
    public let target: String

    /// The head; from when it is to be sent by copying, with the body behind it.
    private var bytes: UnsafeMutableRawBufferPointer
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
        bytes = .allocate(byteCount: head.count, alignment: 16)
        bytes.copyBytes(from: head)
    }

    deinit { bytes.deallocate() }

    /// Head and body together.
    public var count: Int { headCount + body.count }
    /// Most bytes that it or the closing one has.
    public var largestCount: Int { count + HTTPSerializer.line(for: .close).utf8.count }

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

    /// Gives a response whose body lies in memory a place in a memory file, and the closing one the
    /// place behind it. Each is filled when the response is stamped.
    ///
    /// - Parameter size: of each place, a multiple of the page size, and enough for either; 0 if
    ///   there is no place for the closing one.
    public func place(in file: Int32, at offset: Int64, size: Int64 = 0, owner: AnyObject) {
        (slot, slotSize, stampedDate) = ((file, offset, owner), size, .min)
    }

    /// What is sent with one call.
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
    ///   - replace: puts head and body at an offset of the memory file without touching what is in
    ///     flight.
    @inline(__always)
    public func piece(date: Int64, replace: Replace) -> Piece {
        if date != stampedDate { stamp(date, replace) }
        guard let slot else { return .memory(UnsafeRawBufferPointer(bytes)) }
        return .file(slot.file, offset: slot.offset, count: count)
    }

    /// File, offset, head and body; false if it was not possible.
    public typealias Replace =
        (Int32, Int64, UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Bool

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
        let line = HTTPSerializer.line(for: persistence).utf8
        let more = field.map { $0.name.utf8.count + $0.value.utf8.count + 4 } ?? 0
        var head: [UInt8] = []
        head.reserveCapacity(headCount + more + line.count)
        head += bytes[..<(headCount - 2)]
        if let field {
            head += field.name.utf8
            head += ": ".utf8
            head += field.value.utf8
            head += "\r\n".utf8
        }
        head += line
        head += [0x0d, 0x0a]
        return head.withUnsafeMutableBytes { head in
            if let start = head.baseAddress {
                HTTPDate.write(
                    date, to: (start + dateOffset).assumingMemoryBound(to: UInt8.self))
            }
            return Bytes(ByteStorage(copying: UnsafeRawBufferPointer(head)))
        }
    }

    private func stamp(_ date: Int64, _ replace: Replace) {
        guard let start = bytes.baseAddress else { return }
        HTTPDate.write(date, to: (start + dateOffset).assumingMemoryBound(to: UInt8.self))
        stampedDate = date
        guard let memory = body.memory else { return }
        let head = UnsafeRawBufferPointer(rebasing: bytes[..<headCount])
        if let slot, replace(slot.file, slot.offset, head, memory) { return }
        slot = nil
        if bytes.count == headCount { join(head, memory) }
    }

    /// Brings the body behind the head.
    private func join(_ head: UnsafeRawBufferPointer, _ body: UnsafeRawBufferPointer) {
        let joined = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 16)
        joined.copyMemory(from: head)
        UnsafeMutableRawBufferPointer(rebasing: joined[headCount...]).copyMemory(from: body)
        bytes.deallocate()
        bytes = joined
    }
}
