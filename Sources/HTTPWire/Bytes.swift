/// A part of a storage, by reference: what travels through pipelines without being copied.
public struct Bytes {
    public let storage: ByteStorage
    public let offset: Int
    public let count: Int

    public init(_ storage: ByteStorage) {
        (self.storage, offset, count) = (storage, 0, storage.count)
    }

    private init(_ storage: ByteStorage, offset: Int, count: Int) {
        (self.storage, self.offset, self.count) = (storage, offset, count)
    }

    /// A copy of some bytes.
    public init(copying bytes: UnsafeRawBufferPointer) {
        self.init(ByteStorage(copying: bytes))
    }

    /// A copy of an array.
    public init(_ bytes: [UInt8]) {
        self = bytes.withUnsafeBytes { Bytes(copying: $0) }
    }

    /// A copy of a text.
    public init(_ text: String) {
        var text = text
        self = text.withUTF8 { Bytes(ByteStorage(copying: UnsafeRawBufferPointer($0))) }
    }

    /// The part `range`, counted from the start of this one.
    public subscript(range: Range<Int>) -> Bytes {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        return Bytes(storage, offset: offset + range.lowerBound, count: range.count)
    }

    /// The bytes themselves; nil if they lie in a file only.
    public var memory: UnsafeRawBufferPointer? {
        storage.address.map { UnsafeRawBufferPointer(start: $0 + offset, count: count) }
    }
}
