internal import CLibevent
import Glibc

/// Memory for bytes that wait for a client or a fault, apart from all else, so that the kernel gets
/// it back: malloc keeps what lies below anything that stays, and looking for that (`malloc_trim`)
/// would have the loop stand still for a tenth of a second. Loop thread only.
public final class BufferPool {
    /// Bytes of a place, the smallest and the largest; each kind has twice as many as the one
    /// before. What is smaller or larger comes from malloc, which maps large ones on their own.
    static let smallest = 4096
    static let largest = 65_536
    /// Below it a place would be wasted.
    static let least = 2048
    private static let kindCount = 5
    private static let slabSize = 1 << 20
    /// What is always kept for the next ones, in bytes of each kind.
    static let reserve = 512 << 10

    /// The places of one size.
    private struct Kind {
        let size: Int
        /// With memory behind them; the one that was used last is taken first.
        var warm: [UnsafeMutableRawPointer] = []
        /// Without.
        var cold: [UnsafeMutableRawPointer] = []
        /// The fewest warm ones that nobody had since the last look.
        var fewest = 0
        /// How many are to be given back.
        var excess = 0
    }

    private var kinds = (0..<kindCount).map { Kind(size: smallest << $0) }
    private var slabs: [UnsafeMutableRawPointer] = []

    /// What has twice the size of the largest place, or more, has memory of its own, whatever was
    /// freed before, and gives it back at once.
    private static let largeIsApart =
        mallopt(M_MMAP_THRESHOLD, Int32(largest * 2)) != 0
        && mallopt(M_TRIM_THRESHOLD, Int32(slabSize)) != 0

    public init() { _ = Self.largeIsApart }

    deinit {
        for slab in slabs { munmap(slab, Self.slabSize) }
    }

    /// The kind whose places have room; nil if none of them is for so many bytes.
    static func kind(for count: Int) -> Int? {
        guard count >= least, count <= largest else { return nil }
        return count <= smallest ? 0 : Int.bitWidth - (count - 1).leadingZeroBitCount - 12
    }

    /// - Returns: a place of that kind, not 0 inside; nil if the kernel has no memory.
    func take(_ kind: Int) -> UnsafeMutableRawPointer? {
        if let place = kinds[kind].warm.popLast() {
            kinds[kind].fewest = min(kinds[kind].fewest, kinds[kind].warm.count)
            return place
        }
        if kinds[kind].cold.isEmpty { addSlab(kind) }
        return kinds[kind].cold.popLast()
    }

    func putBack(_ place: UnsafeMutableRawPointer, _ kind: Int) {
        kinds[kind].warm.append(place)
    }

    private func addSlab(_ kind: Int) {
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        guard let slab = mmap(nil, Self.slabSize, PROT_READ | PROT_WRITE, flags, -1, 0),
            slab != MAP_FAILED
        else { return }
        slabs.append(slab)
        let size = kinds[kind].size
        kinds[kind].cold += (0..<Self.slabSize / size).reversed().map { slab + $0 * size }
    }

    // MARK: Giving back

    /// In bytes, what has memory behind it and nobody has.
    public var idleBytes: Int { kinds.reduce(0) { $0 + $1.warm.count * $1.size } }

    /// Finds what nobody has needed since the last look; to be called about once a second.
    ///
    /// - Returns: whether there is something for `giveBack`.
    public func look() -> Bool {
        for index in kinds.indices {
            let kind = kinds[index]
            kinds[index].excess = max(kind.fewest - Self.reserve / kind.size, 0)
            kinds[index].fewest = kind.warm.count
        }
        return kinds.contains { $0.excess > 0 }
    }

    /// Gives the kernel back what the last look has found, those first that were used longest ago.
    ///
    /// - Parameter most: bytes; a megabyte takes about a tenth of a millisecond.
    /// - Returns: whether there is more.
    public func giveBack(_ most: Int) -> Bool {
        var left = most
        for index in kinds.indices {
            let size = kinds[index].size
            let count = min(kinds[index].excess, kinds[index].warm.count, left / size)
            guard count > 0 else { continue }
            for place in kinds[index].warm[..<count] { madvise(place, size, MADV_DONTNEED) }
            kinds[index].cold += kinds[index].warm[..<count]
            kinds[index].warm.removeFirst(count)
            kinds[index].excess -= count
            kinds[index].fewest = min(kinds[index].fewest, kinds[index].warm.count)
            left -= count * size
        }
        for index in kinds.indices where kinds[index].warm.isEmpty { kinds[index].excess = 0 }
        return kinds.contains { $0.excess > 0 }
    }
}
