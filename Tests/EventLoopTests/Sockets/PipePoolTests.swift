import Testing

@testable import EventLoop

struct PipePoolTests {
    @Test func `there are 64 pipes at most, 32 of them large`() {
        let pool = PipePool()
        var taken: [UInt8] = []
        while let number = Optional(pool.take()), number != 0 { taken.append(number) }
        #expect(taken.count == 64 && Set(taken).count == 64)
        #expect(pool.openCount == 64 && pool.lentCount == 64)
        #expect(pool.largeCount <= 32)
        for number in taken { pool.giveBack(number) }
        #expect(pool.lentCount == 0 && pool.openCount == 64)
        // The large ones are lent first.
        if pool.largeCount > 0 { #expect(pool[pool.take()].isLarge) }
    }

    @Test func `none is opened before it is needed`() {
        let pool = PipePool()
        #expect(pool.openCount == 0)
        let number = pool.take()
        #expect(pool.openCount == 1)
        pool.giveBack(number)
        #expect(pool.take() == number)
    }
}
