import HTTPWire

/// Bytes that a step makes, of which parts are taken as there is room.
struct ScriptOutput {
    /// What is known of bytes, but for how many they are.
    struct Mark: Equatable {
        var harm = Bytes.Harm.none
        var isHead = false
        var isContent = false
    }

    enum Source {
        /// A part of an array, which is shared.
        case bytes(ArraySlice<UInt8>)
        /// A text again and again; not empty.
        case pattern([UInt8])
        case random(seed: UInt64)
    }

    private struct Piece {
        let source: Source
        let count: Int
        let mark: Mark
    }

    private var pieces: [Piece] = []
    private var current = 0
    /// How many bytes of the current piece have been taken.
    private var offset = 0
    private(set) var count = 0
    private(set) var taken = 0
    /// Bits that are flipped, in order.
    private var flips: ArraySlice<Int> = []

    var left: Int { count - taken }

    mutating func append(_ bytes: [UInt8], _ mark: Mark) { append(bytes[...], mark) }

    mutating func append(_ bytes: ArraySlice<UInt8>, _ mark: Mark) {
        append(.bytes(bytes), bytes.count, mark)
    }

    mutating func append(_ source: Source, _ count: Int, _ mark: Mark) {
        guard count > 0 else { return }
        pieces.append(Piece(source: source, count: count, mark: mark))
        self.count += count
    }

    /// Another one, of which nothing has been taken.
    mutating func append(contentsOf other: ScriptOutput) {
        flips += other.flips.map { $0 + 8 * count }
        pieces += other.pieces
        count += other.count
    }

    /// Flips some of the bits from a byte on.
    mutating func flip(_ number: Int, from start: Int, _ generator: inout SeededGenerator) {
        let bits = (count - start) * 8
        guard bits > 0 else { return }
        var chosen: Set<Int> = []
        while chosen.count < min(number, bits) {
            chosen.insert(start * 8 + Int(generator.next(below: UInt64(bits))))
        }
        flips = chosen.sorted()[...]
    }

    /// Takes the next bytes, all of one kind and at most so many.
    mutating func take(_ limit: Int, into batch: inout ScriptBatch) {
        guard limit > 0, left > 0 else { return }
        let piece = pieces[current]
        var (number, mark) = (min(limit, piece.count - offset), piece.mark)
        let byte = flips.first.map { $0 / 8 - taken } ?? number
        if byte == 0 {
            (number, mark.harm) = (1, .foreign)
        } else {
            number = min(number, byte)
        }
        batch.append(number, mark) { fill($0, piece.source) }
        if byte == 0 { flip(in: &batch) }
        taken += number
        offset += number
        if offset == piece.count { (current, offset) = (current + 1, 0) }
    }

    private mutating func flip(in batch: inout ScriptBatch) {
        while let bit = flips.first, bit / 8 == taken {
            batch.flipLast(bit: bit % 8)
            flips.removeFirst()
        }
    }

    private func fill(_ buffer: UnsafeMutableRawBufferPointer, _ source: Source) {
        switch source {
        case .bytes(let bytes):
            let start = bytes.startIndex + offset
            bytes.withUnsafeBytes { all in
                let part = all[
                    (start - bytes.startIndex)..<(start - bytes.startIndex) + buffer.count]
                buffer.copyBytes(from: part)
            }
        case .pattern(let text):
            var (place, start) = (0, offset % text.count)
            while place < buffer.count {
                let number = min(text.count - start, buffer.count - place)
                text.withUnsafeBytes { text in
                    UnsafeMutableRawBufferPointer(rebasing: buffer[place...])
                        .copyBytes(from: text[start..<start + number])
                }
                (place, start) = (place + number, 0)
            }
        case .random(let seed): Self.random(buffer, seed: seed, offset: offset)
        }
    }

    /// Eight bytes of each number of a generator, the lowest first, from any of them on.
    private static func random(_ buffer: UnsafeMutableRawBufferPointer, seed: UInt64, offset: Int) {
        var (index, number): (Int, UInt64) = (-1, 0)
        for place in 0..<buffer.count {
            let byte = offset + place
            if byte / 8 != index {
                index = byte / 8
                let steps = UInt64(index + 1)
                number = SeededGenerator.mix(seed &+ steps &* 0x9e37_79b9_7f4a_7c15)
            }
            buffer[place] = UInt8(truncatingIfNeeded: number >> UInt64(byte % 8 * 8))
        }
    }
}
