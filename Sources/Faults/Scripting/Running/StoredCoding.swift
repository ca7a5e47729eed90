/// A content coding whose blocks have the content as it is, so that no library is needed.
enum StoredCoding: String, CaseIterable, Sendable {
    case gzip, deflate, br, zstd

    /// What stands between parts of the content.
    enum Piece: Equatable {
        case framing([UInt8])
        case content(Range<Int>)
    }

    /// - Parameter content: what is coded; the ranges of pieces are ranges of its indices.
    func pieces(_ content: ArraySlice<UInt8>) -> [Piece] {
        var pieces: [Piece] = [.framing(start(content))]
        var place = content.startIndex
        repeat {
            let end = min(place + largestBlock, content.endIndex)
            let isLast = end == content.endIndex
            pieces.append(
                .framing(block(end - place, isFirst: place == content.startIndex, isLast)))
            if end > place { pieces.append(.content(place..<end)) }
            place = end
        } while place < content.endIndex
        pieces.append(.framing(end(content)))
        return pieces
    }

    /// How long it makes a content of so many bytes.
    func count(_ count: Int) -> Int {
        let blocks = max((count + largestBlock - 1) / largestBlock, 1)
        return switch self {
        case .gzip: count + 5 * blocks + 18
        case .deflate: count + 5 * blocks + 6
        case .br: count == 0 ? 1 : count + 3 * blocks + 1
        case .zstd: count + 3 * blocks + 13
        }
    }

    private var largestBlock: Int {
        switch self {
        case .gzip, .deflate: 65_535
        case .br: 65_536
        case .zstd: 131_072
        }
    }

    private func start(_ content: ArraySlice<UInt8>) -> [UInt8] {
        switch self {
        // RFC 1952 §2.3: no name, no time, of no known system.
        case .gzip: [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]
        // RFC 1950 §2.2: a window of 32 KiB.
        case .deflate: [0x78, 0x01]
        case .br: []
        // RFC 8878 §3.1.1: one segment, its size in four bytes, with a checksum.
        case .zstd:
            [0x28, 0xb5, 0x2f, 0xfd, 0xa4] + Self.little(UInt32(truncatingIfNeeded: content.count))
        }
    }

    private func block(_ count: Int, isFirst: Bool, _ isLast: Bool) -> [UInt8] {
        switch self {
        case .gzip, .deflate:  // RFC 1951 §3.2.4
            let length = UInt16(count)
            return [isLast ? 1 : 0] + Self.little(length) + Self.little(~length)
        case .br:  // RFC 7932 §9.2: not the last, four nibbles of length, uncompressed
            guard count > 0 else { return [] }
            let bits = UInt32(count - 1) << 3 | 1 << 19
            // Before the first stands the bit for a window of 64 KiB.
            return Array(Self.little(isFirst ? bits << 1 : bits).prefix(3))
        case .zstd:  // RFC 8878 §3.1.1.2: raw
            return Array(Self.little(UInt32(count) << 3 | (isLast ? 1 : 0)).prefix(3))
        }
    }

    private func end(_ content: ArraySlice<UInt8>) -> [UInt8] {
        switch self {
        case .gzip:
            Self.little(Checksum.crc32(content))
                + Self.little(UInt32(truncatingIfNeeded: content.count))
        case .deflate: Self.little(Checksum.adler32(content)).reversed()
        // The last metablock, empty; without another before it, behind the bit of the window.
        case .br: [content.isEmpty ? 0x06 : 0x03]
        case .zstd: Self.little(UInt32(truncatingIfNeeded: Checksum.xxHash64(content)))
        }
    }

    private static func little<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }
}
