/// Heads that have come more than once, and what was read in them: clients ask again and again in
/// the same words, and reading those costs as much as all else that we do for an answer of LOCAL.
/// The same bytes always say the same, so that nothing here can be out of date.
///
/// At most `places` heads, each of which may take the place of another. Loop thread only.
public final class KnownHeads {
    /// Longest head that is kept, in bytes.
    static let maximumHead = 512
    static let places = 1024

    private struct Place {
        /// The request, and behind it the bytes that it lies in; nil: none is kept.
        var known: UnsafeMutablePointer<HTTPRequest>?
        /// Of the bytes that are kept, and of those that came last: only what comes twice is kept.
        var hash: UInt32 = 0
        var last: UInt32 = 0
    }

    /// Pointers, and no arrays: each request comes by here.
    private let places = UnsafeMutablePointer<Place>.allocate(capacity: KnownHeads.places)
    /// Requests that have been lent: what they lie in stays.
    private var lent = 0

    public init() { places.initialize(repeating: Place(), count: Self.places) }

    deinit {
        for index in 0..<Self.places { places[index].known?.deallocate() }
        places.deallocate()
    }

    /// The same as `HTTPParser.parse`. The request lies in `bytes` or in here, and `giveBack` must
    /// be called when it is not needed any more, or when there is none.
    public func parse(_ bytes: UnsafeRawBufferPointer, skipped: inout Int)
        throws(HTTPParseError) -> HTTPRequest?
    {
        lent += 1
        guard bytes.count <= Self.maximumHead else {
            return try HTTPParser.parse(bytes, skipped: &skipped)
        }
        let hash = bytes.wordHash
        let place = places + Int(truncatingIfNeeded: hash) & (Self.places - 1)
        let short = UInt32(truncatingIfNeeded: hash >> 32)
        if place.pointee.hash == short, let known = place.pointee.known,
            known.pointee.head.equals(bytes)
        {
            skipped = 0
            return known.pointee
        }
        return try parse(bytes, skipped: &skipped, short, place)
    }

    /// A request that was asked for is not needed any more.
    public func giveBack() { lent -= 1 }

    @inline(never)
    private func parse(
        _ bytes: UnsafeRawBufferPointer, skipped: inout Int, _ hash: UInt32,
        _ place: UnsafeMutablePointer<Place>
    ) throws(HTTPParseError) -> HTTPRequest? {
        let request = try HTTPParser.parse(bytes, skipped: &skipped)
        // What was read is all that came, and another one that was lent may lie in the place.
        guard request?.head.count == bytes.count, lent == 1 else { return request }
        if place.pointee.last == hash { keep(bytes, hash, in: place) }
        place.pointee.last = hash
        return request
    }

    /// - Parameter bytes: a whole head.
    private func keep(
        _ bytes: UnsafeRawBufferPointer, _ hash: UInt32, in place: UnsafeMutablePointer<Place>
    ) {
        let offset = MemoryLayout<HTTPRequest>.stride
        let memory = UnsafeMutableRawBufferPointer.allocate(
            byteCount: offset + bytes.count, alignment: MemoryLayout<HTTPRequest>.alignment)
        let own = UnsafeMutableRawBufferPointer(rebasing: memory[offset...])
        own.copyMemory(from: bytes)
        var skipped = 0
        guard
            let start = memory.baseAddress,
            let request = try? HTTPParser.parse(UnsafeRawBufferPointer(own), skipped: &skipped)
        else { return memory.deallocate() }
        let known = start.bindMemory(to: HTTPRequest.self, capacity: 1)
        known.initialize(to: request)
        place.pointee.known?.deallocate()
        (place.pointee.known, place.pointee.hash) = (known, hash)
    }
}
