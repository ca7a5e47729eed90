import Testing

@testable import EventLoop

/// Events in slabs, whose addresses say whose they are.
struct EventSlabsTests {
    @Test func `each event knows its loop, and none overlaps another`() throws {
        let loops = try [EventLoop(), EventLoop()]
        var addresses: [Int] = []
        for _ in 0..<EventSlabs.perSlab * 3 {
            for loop in loops {
                let event = loop.takeEvent()
                #expect(EventSlabs.loop(of: event).takeUnretainedValue() === loop)
                addresses.append(Int(bitPattern: event))
            }
        }
        addresses.sort()
        for (event, next) in zip(addresses, addresses.dropFirst()) {
            #expect(next - event >= 128)
        }
    }

    @Test func `what is given back is taken first`() throws {
        let loop = try EventLoop()
        let event = loop.takeEvent()
        loop.giveBack(event)
        #expect(loop.takeEvent() == event)
    }

    @Test func `a connection takes 56 bytes beside its event`() {
        // `InstanceSize` in its metadata (Swift's docs/ABI/TypeMetadata.rst). The allocator adds
        // eight, and gives multiples of 16.
        let metadata = unsafeBitCast(Connection.self as AnyClass, to: UnsafeRawPointer.self)
        #expect(metadata.load(fromByteOffset: 24, as: UInt32.self) <= 56)
    }
}
