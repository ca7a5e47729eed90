import Glibc

/// A piece of output by reference: memory or a part of a file, kept alive by its owner.
struct OutputSegment {
    private(set) var count: Int
    private var owner: AnyObject?
    private var address: UnsafeRawPointer?
    /// The descriptor to send from, or -1 for memory.
    let file: Int32
    private(set) var offset: Int64

    init(memory: UnsafeRawBufferPointer, owner: AnyObject) {
        (count, address, file, offset) = (memory.count, memory.baseAddress, -1, 0)
        self.owner = owner
    }

    init(file: Int32, offset: Int64, count: Int, owner: AnyObject) {
        (self.count, address, self.file, self.offset) = (count, nil, file, offset)
        self.owner = owner
    }

    /// A copy of `bytes`, for a sender that cannot promise to keep them.
    static func copy(of bytes: UnsafeRawBufferPointer, _ pool: BufferPool) -> OutputSegment {
        let owned = PooledBytes(copying: bytes, pool)
        return OutputSegment(memory: owned.bytes, owner: owned)
    }

    /// Memory of its own that `fill` writes completely; nil if it could not.
    static func filled(
        _ count: Int, _ pool: BufferPool, by fill: (UnsafeMutableRawBufferPointer) -> Bool
    ) -> OutputSegment? {
        let owned = PooledBytes(count: count, pool)
        guard fill(owned.memory) else { return nil }
        return OutputSegment(memory: owned.bytes, owner: owned)
    }

    var memory: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: address, count: count) }

    mutating func dropFirst(_ sent: Int) {
        count -= sent
        offset += Int64(sent)
        address = address.map { $0 + sent }
        if count == 0 { owner = nil }
    }
}

/// What a connection still has to send, in order. Exists only while the kernel is behind.
final class OutputQueue {
    private var segments: [OutputSegment]
    private var first = 0
    private(set) var byteCount: Int
    /// When the kernel last took something, in monotonic nanoseconds.
    var lastProgress: UInt64

    init(_ segment: OutputSegment, at now: UInt64) {
        segments = [segment]
        byteCount = segment.count
        lastProgress = now
    }

    func append(_ segment: OutputSegment) {
        segments.append(segment)
        byteCount += segment.count
    }

    /// Lets `send` take from the front. A segment that is sent lets go of its owner.
    func withFirst(_ send: (inout OutputSegment) -> Void) {
        let before = segments[first].count
        send(&segments[first])
        byteCount -= before - segments[first].count
        guard segments[first].count == 0 else { return }
        first += 1
        if first > 32, first * 2 > segments.count {
            segments.removeFirst(first)
            first = 0
        }
    }
}
