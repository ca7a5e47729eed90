internal import CLibevent

/// Memory of libevent's events: `struct event` needs a stable address, which a stored property does
/// not have. In slabs each costs its 128 bytes and no allocator's overhead, and its address says
/// whose it is: eight bytes less in each of thousands of connections.
struct EventSlabs {
    /// At the beginning of a slab.
    private struct Head {
        let loop: Unmanaged<EventLoop>
    }

    /// A slab begins at a multiple of it.
    private static let alignment = 16_384
    /// malloc has room for its own word between two of them.
    private static let size = alignment - 16
    /// What the head takes: events begin at a line of the cache.
    private static let headSize = 64
    static let perSlab = (size - headSize) / MemoryLayout<event>.stride

    private var free: [UnsafeMutablePointer<event>] = []
    private var slabs: [UnsafeMutableRawPointer] = []

    /// - Parameter loop: borrowed: it has these slabs.
    mutating func take(for loop: EventLoop) -> UnsafeMutablePointer<event> {
        if free.isEmpty { addSlab(for: loop) }
        return free.removeLast()
    }

    mutating func putBack(_ event: UnsafeMutablePointer<event>) {
        free.append(event)
    }

    private mutating func addSlab(for loop: EventLoop) {
        let slab = UnsafeMutableRawPointer.allocate(
            byteCount: Self.size, alignment: Self.alignment)
        slab.initializeMemory(as: Head.self, to: Head(loop: .passUnretained(loop)))
        let events = (slab + Self.headSize).bindMemory(to: event.self, capacity: Self.perSlab)
        slabs.append(slab)
        for index in 0..<Self.perSlab { free.append(events + index) }
    }

    /// Only once nothing of them is pending.
    func deallocate() {
        for slab in slabs { slab.deallocate() }
    }

    /// The loop that an event was taken for; borrowed.
    @inline(__always)
    static func loop(of event: UnsafeMutablePointer<event>) -> Unmanaged<EventLoop> {
        let inside = Int(bitPattern: event) & (alignment - 1)
        return (UnsafeRawPointer(event) - inside).assumingMemoryBound(to: Head.self).pointee.loop
    }
}
