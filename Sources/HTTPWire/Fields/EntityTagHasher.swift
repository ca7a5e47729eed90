/// Makes a strong entity-tag of content that is read in pieces.
///
/// The tag is the MurmurHash3 x64 128-bit hash of all the bytes, seed 0, as 32 small hexadecimal
/// digits, its first 64-bit half first. Where the pieces begin and end does not matter, nor does
/// the byte order of the machine. The hash tells versions of honest files apart; it is not
/// cryptographic, so somebody who writes the files can make two with the same tag.
public struct EntityTagHasher: Sendable {
    private var first: UInt64 = 0
    private var second: UInt64 = 0
    /// The last `byteCount % 16` bytes, little-endian: the first eight in `low`.
    private var low: UInt64 = 0
    private var high: UInt64 = 0
    private var byteCount: UInt64 = 0

    /// A hasher that has seen no content yet.
    public init() {}

    /// Adds the next piece of the content, which may be empty.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        var position = 0
        while byteCount % 16 != 0, position < bytes.count {
            append(bytes[position])
            position += 1
        }
        while bytes.count - position >= 16 {
            let low = bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            let high = bytes.loadUnaligned(fromByteOffset: position + 8, as: UInt64.self)
            mix(UInt64(littleEndian: low), UInt64(littleEndian: high))
            byteCount &+= 16
            position += 16
        }
        while position < bytes.count {
            append(bytes[position])
            position += 1
        }
    }

    /// The tag of the content so far; more may be added afterwards.
    public func finish() -> EntityTag {
        // An empty half scrambles to zero and so changes nothing, as the reference code has it.
        var first = first ^ EntityTagHasher.scrambleLow(low) ^ byteCount
        var second = second ^ EntityTagHasher.scrambleHigh(high) ^ byteCount
        first &+= second
        second &+= first
        first = EntityTagHasher.avalanche(first)
        second = EntityTagHasher.avalanche(second)
        first &+= second
        second &+= first
        let digits = EntityTagHasher.hexadecimal(first) + EntityTagHasher.hexadecimal(second)
        return EntityTag(isWeak: false, opaque: digits)
    }

    private mutating func append(_ byte: UInt8) {
        let offset = byteCount % 16
        if offset < 8 {
            low |= UInt64(byte) << (8 * offset)
        } else {
            high |= UInt64(byte) << (8 * (offset - 8))
        }
        byteCount &+= 1
        guard offset == 15 else { return }
        mix(low, high)
        (low, high) = (0, 0)
    }

    private mutating func mix(_ low: UInt64, _ high: UInt64) {
        first ^= EntityTagHasher.scrambleLow(low)
        first = EntityTagHasher.rotate(first, by: 27) &+ second
        first = first &* 5 &+ 0x52DC_E729
        second ^= EntityTagHasher.scrambleHigh(high)
        second = EntityTagHasher.rotate(second, by: 31) &+ first
        second = second &* 5 &+ 0x3849_5AB5
    }

    private static let firstFactor: UInt64 = 0x87C3_7B91_1142_53D5
    private static let secondFactor: UInt64 = 0x4CF5_AD43_2745_937F

    private static func scrambleLow(_ value: UInt64) -> UInt64 {
        rotate(value &* firstFactor, by: 31) &* secondFactor
    }

    private static func scrambleHigh(_ value: UInt64) -> UInt64 {
        rotate(value &* secondFactor, by: 33) &* firstFactor
    }

    private static func avalanche(_ value: UInt64) -> UInt64 {
        var value = value
        value = (value ^ (value >> 33)) &* 0xFF51_AFD7_ED55_8CCD
        value = (value ^ (value >> 33)) &* 0xC4CE_B9FE_1A85_EC53
        return value ^ (value >> 33)
    }

    private static func rotate(_ value: UInt64, by bits: UInt64) -> UInt64 {
        (value &<< bits) | (value &>> (64 &- bits))
    }

    private static func hexadecimal(_ value: UInt64) -> [UInt8] {
        (0..<16).map { index in
            let digit = UInt8(truncatingIfNeeded: value >> UInt64(60 - 4 * index)) & 0x0F
            return digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
        }
    }
}
