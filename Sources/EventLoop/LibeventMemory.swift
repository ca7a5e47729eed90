internal import CLibevent
import Glibc

/// What libevent allocates: for each descriptor it keeps an entry of 16 bytes, for which malloc
/// takes 32. Here they lie side by side, in one range of addresses, so that a pointer says by
/// itself where it came from. Larger ones come from malloc, as all do when the range is full.
enum LibeventMemory {
    static let entrySize = 16
    /// A million descriptors; only what is used has memory behind it.
    private static let rangeSize = entrySize << 20

    /// Safe at any time: what was allocated before lies outside of the range.
    static let isOurs: Void = event_set_mem_functions(
        { allocate($0) }, { reallocate($0, $1) }, { release($0) })

    /// Empty if the kernel has no room for it.
    private static let range: Range<UInt> = {
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        let start = mmap(nil, rangeSize, PROT_READ | PROT_WRITE, flags, -1, 0)
        guard let start, start != MAP_FAILED else { return 0..<0 }
        // Else the first entry could take two megabytes. A kernel without huge pages refuses it.
        _ = madvise(start, rangeSize, MADV_NOHUGEPAGE)
        return UInt(bitPattern: start)..<UInt(bitPattern: start + rangeSize)
    }()
    private struct State {
        var mutex = pthread_mutex_t()
        /// Where nothing has been given out yet.
        var fresh = range.lowerBound
        /// Those that were given back: each begins with the address of the one before.
        var free: UnsafeMutableRawPointer?
    }
    /// `nonisolated(unsafe)`: loops may be on several threads, and who looks at it has its mutex.
    private nonisolated(unsafe) static let state = {
        let state = UnsafeMutablePointer<State>.allocate(capacity: 1)
        state.initialize(to: State())
        return state
    }()

    static func allocate(_ count: Int) -> UnsafeMutableRawPointer? {
        (count <= entrySize ? takeEntry() : nil) ?? malloc(count)
    }

    private static func takeEntry() -> UnsafeMutableRawPointer? {
        pthread_mutex_lock(&state.pointee.mutex)
        defer { pthread_mutex_unlock(&state.pointee.mutex) }
        if let entry = state.pointee.free {
            state.pointee.free = entry.load(as: UnsafeMutableRawPointer?.self)
            return entry
        }
        guard state.pointee.fresh < range.upperBound else { return nil }
        defer { state.pointee.fresh += UInt(entrySize) }
        return UnsafeMutableRawPointer(bitPattern: state.pointee.fresh)
    }

    static func reallocate(_ old: UnsafeMutableRawPointer?, _ count: Int)
        -> UnsafeMutableRawPointer?
    {
        guard let old, isEntry(old) else { return realloc(old, count) }
        guard count > entrySize else { return old }
        guard let larger = malloc(count) else { return nil }
        larger.copyMemory(from: old, byteCount: entrySize)
        release(old)
        return larger
    }

    static func release(_ place: UnsafeMutableRawPointer?) {
        guard let place, isEntry(place) else { return free(place) }
        pthread_mutex_lock(&state.pointee.mutex)
        defer { pthread_mutex_unlock(&state.pointee.mutex) }
        place.storeBytes(of: state.pointee.free, as: UnsafeMutableRawPointer?.self)
        state.pointee.free = place
    }

    static func isEntry(_ place: UnsafeMutableRawPointer) -> Bool {
        range.contains(UInt(bitPattern: place))
    }
}
