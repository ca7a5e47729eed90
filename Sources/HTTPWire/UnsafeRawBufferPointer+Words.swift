// Bytes in words of eight: each request is looked up by them, and that byte by byte would cost as
// much as reading it. The last word may begin in the one before it.
extension UnsafeRawBufferPointer {
    /// Whether the bytes are the same.
    @inlinable
    public func equals(_ other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        guard count >= 8, let bytes = baseAddress, let others = other.baseAddress else {
            return elementsEqual(other)
        }
        var index = 0
        while index + 8 < count {
            guard bytes.word(at: index) == others.word(at: index) else { return false }
            index += 8
        }
        return bytes.word(at: count - 8) == others.word(at: count - 8)
    }

    /// FNV-1a over words, and over the bytes of what is shorter than one. Not the same on every
    /// machine.
    @inlinable
    public var wordHash: UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        if count >= 8, let bytes = baseAddress {
            var index = 0
            while index + 8 < count {
                hash = (hash ^ bytes.word(at: index)) &* 0x100_0000_01b3
                hash ^= hash >> 32
                index += 8
            }
            hash = (hash ^ bytes.word(at: count - 8)) &* 0x100_0000_01b3
        } else {
            for byte in self { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        }
        return hash ^ (hash >> 32)
    }
}

extension UnsafeRawPointer {
    /// - Parameter index: at least eight bytes before the end of what is there.
    @inlinable
    func word(at index: Int) -> UInt64 { loadUnaligned(fromByteOffset: index, as: UInt64.self) }
}
