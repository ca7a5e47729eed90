/// A part of a storage, by reference: what travels through pipelines without being copied.
public struct Bytes {
    /// What a fault has made of it.
    public enum Harm: Int, Sendable {
        case none
        /// A fault has put it there.
        case foreign
        /// Something is missing that came before it.
        case behindLoss
    }

    public let storage: ByteStorage
    public let offset: Int
    /// How many there are, with what is known of them in the highest bits.
    private let packed: Int

    private static let harmShift = 60
    private static let headBit = 1 << 59
    private static let countMask = headBit - 1

    public init(_ storage: ByteStorage) {
        (self.storage, offset, packed) = (storage, 0, storage.count)
    }

    private init(_ storage: ByteStorage, offset: Int, packed: Int) {
        (self.storage, self.offset, self.packed) = (storage, offset, packed)
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

    public var count: Int { packed & Self.countMask }

    /// The part `range`, counted from the start of this one, with what is known of the whole.
    public subscript(range: Range<Int>) -> Bytes {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        let known = packed & ~Self.countMask
        return Bytes(storage, offset: offset + range.lowerBound, packed: known | range.count)
    }

    /// The bytes themselves; nil if they lie in a file only.
    public var memory: UnsafeRawBufferPointer? {
        storage.address.map { UnsafeRawBufferPointer(start: $0 + offset, count: count) }
    }

    /// Whether it is the very same part.
    public func isSame(as other: Bytes) -> Bool {
        storage === other.storage && offset == other.offset && packed == other.packed
    }

    // MARK: What is known of it

    public var harm: Harm { Harm(rawValue: packed >> Self.harmShift) ?? .none }
    /// Whether it belongs to the head of a message.
    public var isHead: Bool { packed & Self.headBit != 0 }
    /// The same bytes as a part of a message's head.
    public var asHead: Bytes { Bytes(storage, offset: offset, packed: packed | Self.headBit) }

    /// The same bytes after a fault. What is foreign stays so.
    public func marked(_ harm: Harm) -> Bytes {
        guard self.harm != .foreign else { return self }
        let rest = packed & ((1 << Self.harmShift) - 1)
        return Bytes(storage, offset: offset, packed: harm.rawValue << Self.harmShift | rest)
    }
}
