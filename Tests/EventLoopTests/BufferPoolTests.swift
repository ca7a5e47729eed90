import Testing

@testable import EventLoop

@Suite struct BufferPoolTests {
    private let pool = BufferPool()

    private func hold(_ count: Int, _ size: Int = 65_536) -> [PooledBytes] {
        let source = [UInt8](repeating: 7, count: size)
        return (0..<count).map { _ in
            source.withUnsafeBytes { PooledBytes(copying: $0, pool) }
        }
    }

    @Test func `each size has the smallest place that fits`() {
        for (count, kind) in [
            (0, nil), (2047, nil), (2048, 0), (4096, 0), (4097, 1), (8192, 1), (8193, 2),
            (16_384, 2), (32_768, 3), (32_769, 4), (65_536, 4), (65_537, nil),
        ] as [(Int, Int?)] {
            #expect(BufferPool.kind(for: count) == kind, "\(count)")
        }
    }

    @Test(arguments: [0, 1, 2048, 5000, 65_536, 1 << 20])
    func `bytes are a copy of their own`(count: Int) {
        var source = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let copies = (0..<3).map { _ in source.withUnsafeBytes { PooledBytes(copying: $0, pool) } }
        let wanted = source
        for index in source.indices { source[index] = 0 }
        for copy in copies { #expect(Array(copy.bytes) == wanted) }
    }

    @Test func `what was used last is used again`() {
        var held = hold(2)
        let last = held[1].bytes.baseAddress
        held.removeLast()
        #expect(pool.idleBytes == 65_536)
        held += hold(1, 40_000)
        #expect(held[1].bytes.baseAddress == last && pool.idleBytes == 0)
    }

    @Test func `what nobody needs from one look to the next is given back, but for a reserve`() {
        var held = hold(100)
        #expect(!pool.look())
        held = []
        #expect(pool.idleBytes == 100 * 65_536)
        #expect(!pool.look(), "it has just become idle")
        #expect(pool.look())
        #expect(pool.giveBack(10 * 65_536))
        #expect(pool.idleBytes == 90 * 65_536)
        while pool.giveBack(10 * 65_536) {}
        #expect(pool.idleBytes == BufferPool.reserve)
        #expect(!pool.look() && !pool.look() && !pool.giveBack(1 << 20))
        held = hold(100)
        #expect(held.allSatisfy { bytes in bytes.bytes.allSatisfy { $0 == 7 } })
    }

    @Test func `what is needed in between is kept`() {
        var held = hold(100)
        held = []
        #expect(!pool.look())
        held = hold(60)
        held = []
        #expect(pool.look())
        while pool.giveBack(1 << 20) {}
        #expect(held.isEmpty && pool.idleBytes == 60 * 65_536 + BufferPool.reserve)
    }
}
