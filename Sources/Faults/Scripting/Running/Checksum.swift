/// What the codings have at their ends.
enum Checksum {
    /// CRC-32 of RFC 1952.
    static func crc32(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        var crc: UInt32 = 0xffff_ffff
        table.withUnsafeBufferPointer { table in
            for byte in bytes {
                crc = table[Int((crc ^ UInt32(byte)) & 0xff)] ^ (crc >> 8)
            }
        }
        return ~crc
    }

    private static let table: [UInt32] = (0..<256).map { index in
        var value = UInt32(index)
        for _ in 0..<8 { value = value & 1 == 1 ? 0xedb8_8320 ^ (value >> 1) : value >> 1 }
        return value
    }

    /// Adler-32 of RFC 1950.
    static func adler32(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        var (low, high): (UInt32, UInt32) = (1, 0)
        var rest = bytes
        while !rest.isEmpty {
            // So many that the sums do not overflow.
            let piece = rest.prefix(5552)
            for byte in piece {
                low &+= UInt32(byte)
                high &+= low
            }
            (low, high) = (low % 65_521, high % 65_521)
            rest = rest.dropFirst(piece.count)
        }
        return high << 16 | low
    }

    /// XXH64 with seed 0, of which zstd (RFC 8878 §3.1.1) has the low half.
    static func xxHash64(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        let count = bytes.count
        return bytes.withUnsafeBytes { bytes in
            var place = 0
            var hash = count < 32 ? prime5 : stripes(bytes, &place)
            hash &+= UInt64(count)
            while count - place >= 8 {
                hash ^= round(0, word(bytes, place))
                hash = rotate(hash, 27) &* prime1 &+ prime4
                place += 8
            }
            if count - place >= 4 {
                let half = UInt64(
                    UInt32(
                        littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self)))
                hash = rotate(hash ^ half &* prime1, 23) &* prime2 &+ prime3
                place += 4
            }
            while place < count {
                hash = rotate(hash ^ UInt64(bytes[place]) &* prime5, 11) &* prime1
                place += 1
            }
            hash = (hash ^ hash >> 33) &* prime2
            hash = (hash ^ hash >> 29) &* prime3
            return hash ^ hash >> 32
        }
    }

    private static let prime1: UInt64 = 0x9e37_79b1_85eb_ca87
    private static let prime2: UInt64 = 0xc2b2_ae3d_27d4_eb4f
    private static let prime3: UInt64 = 0x1656_67b1_9e37_79f9
    private static let prime4: UInt64 = 0x85eb_ca77_c2b2_ae63
    private static let prime5: UInt64 = 0x27d4_eb2f_1656_67c5

    private static func stripes(_ bytes: UnsafeRawBufferPointer, _ place: inout Int) -> UInt64 {
        var lanes = [prime1 &+ prime2, prime2, 0, 0 &- prime1]
        while bytes.count - place >= 32 {
            for lane in 0..<4 { lanes[lane] = round(lanes[lane], word(bytes, place + 8 * lane)) }
            place += 32
        }
        var hash =
            rotate(lanes[0], 1) &+ rotate(lanes[1], 7) &+ rotate(lanes[2], 12)
            &+ rotate(lanes[3], 18)
        for lane in lanes { hash = (hash ^ round(0, lane)) &* prime1 &+ prime4 }
        return hash
    }

    private static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 {
        rotate(lane &+ word &* prime2, 31) &* prime1
    }

    private static func rotate(_ value: UInt64, _ bits: UInt64) -> UInt64 {
        value << bits | value >> (64 - bits)
    }

    private static func word(_ bytes: UnsafeRawBufferPointer, _ place: Int) -> UInt64 {
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
    }
}
