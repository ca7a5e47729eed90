/// Bytes in memory of their own, from a pool where it has room for so many. Loop thread only.
public final class PooledBytes {
    let memory: UnsafeMutableRawBufferPointer
    private let pool: BufferPool?
    private let kind: Int

    /// Bytes that are to be written.
    init(count: Int, _ pool: BufferPool) {
        if let kind = BufferPool.kind(for: count), let place = pool.take(kind) {
            memory = UnsafeMutableRawBufferPointer(start: place, count: count)
            (self.pool, self.kind) = (pool, kind)
        } else {
            memory = .allocate(byteCount: count, alignment: 1)
            (self.pool, kind) = (nil, 0)
        }
    }

    /// A copy.
    public convenience init(copying source: UnsafeRawBufferPointer, _ pool: BufferPool) {
        self.init(count: source.count, pool)
        memory.copyMemory(from: source)
    }

    public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(memory) }

    deinit {
        guard let pool, let place = memory.baseAddress else { return memory.deallocate() }
        pool.putBack(place, kind)
    }
}
