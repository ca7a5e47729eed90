// Bytes in words of eight: each request is looked up by its path, and that byte by byte would cost
// as much as reading it.
extension UnsafeRawBufferPointer {
    /// Whether the bytes are the same.
    @inlinable
    public func equals(_ other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        var index = 0
        while index + 8 <= count {
            guard word(at: index) == other.word(at: index) else { return false }
            index += 8
        }
        while index < count {
            guard self[index] == other[index] else { return false }
            index += 1
        }
        return true
    }

    /// FNV-1a over words, and over the bytes that are left. Not the same on every machine.
    @inlinable
    public var wordHash: UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        var index = 0
        while index + 8 <= count {
            hash = (hash ^ word(at: index)) &* 0x100_0000_01b3
            hash ^= hash >> 32
            index += 8
        }
        while index < count {
            hash = (hash ^ UInt64(self[index])) &* 0x100_0000_01b3
            index += 1
        }
        return hash ^ (hash >> 32)
    }

    @inlinable
    func word(at index: Int) -> UInt64 {
        loadUnaligned(fromByteOffset: index, as: UInt64.self)
    }
}
