/// A pattern in which `*` is any run of bytes, none too, and the rest is itself.
///
/// It is looked for in one pass. A bit for each place of the pattern tells whether what was read so
/// far can have led there, and each byte moves all bits at once: no pattern is slower than another
/// of its length, and the time grows with the text alone, times one for each 64 places.
public struct TextPattern: Equatable, Sendable {
    public enum Element: Equatable, Sendable {
        case byte(UInt8)
        case anyByte
        case anyRun
    }

    /// The text that it is, if nothing in it is a wildcard.
    public let exact: String?
    /// Places behind each of which one byte is taken.
    private let count: Int
    /// Of bits; what each byte of a text costs, in steps of about a nanosecond.
    public let words: Int
    /// Which row of `takes` each byte has: those that the pattern does not name share the first.
    private var rows: [UInt8] = []
    /// The places behind which a byte of a row can be taken, `words` a row: a pattern takes no more
    /// memory than its length asks for.
    private var takes: [UInt64] = []
    /// The places at which a run can go on.
    private var runs: [UInt64] = []

    public init(_ elements: [Element]) {
        count = elements.count { $0 != .anyRun }
        words = count / 64 + 1
        let bytes = elements.compactMap { element in
            if case .byte(let byte) = element { byte } else { nil }
        }
        exact = bytes.count == elements.count ? String(decoding: bytes, as: UTF8.self) : nil
        if exact == nil { build(elements) }
    }

    /// - Parameter glob: in which `?` is any one byte, too.
    public init(glob: String) {
        self.init(
            glob.utf8.map { byte in
                switch byte {
                case UInt8(ascii: "*"): .anyRun
                case UInt8(ascii: "?"): .anyByte
                default: .byte(byte)
                }
            })
    }

    private mutating func build(_ elements: [Element]) {
        let rowCount = nameRows(of: elements)
        takes = [UInt64](repeating: 0, count: rowCount * words)
        runs = [UInt64](repeating: 0, count: words)
        var place = 0
        for element in elements {
            let (word, bit) = (place / 64, UInt64(1) << (place % 64))
            switch element {
            case .anyRun:
                runs[word] |= bit
                continue
            case .byte(let byte): takes[Int(rows[Int(byte)]) * words + word] |= bit
            case .anyByte: for row in 0..<rowCount { takes[row * words + word] |= bit }
            }
            place += 1
        }
    }

    /// - Returns: how many rows there are.
    private mutating func nameRows(of elements: [Element]) -> Int {
        var named = Set<UInt8>()
        for case .byte(let byte) in elements { named.insert(byte) }
        rows = [UInt8](repeating: 0, count: 256)
        // Where all bytes are named, none is left for the first row.
        let first = named.count < 256 ? 1 : 0
        for (index, byte) in named.sorted().enumerated() { rows[Int(byte)] = UInt8(index + first) }
        return named.count + first
    }

    /// Whether a text, from its beginning to its end, is as the pattern says.
    public func matches(_ text: String) -> Bool {
        // Byte by byte: Swift's own comparison takes some different spellings for one.
        if let exact { return exact.utf8.elementsEqual(text.utf8) }
        var text = text
        return text.withUTF8 { advances(through: UnsafeRawBufferPointer($0)) }
    }

    /// Whether bytes, from the first to the last, are as the pattern says.
    public func matches(_ bytes: UnsafeRawBufferPointer) -> Bool {
        exact.map { $0.utf8.elementsEqual(bytes) } ?? advances(through: bytes)
    }

    /// Whether what stands before the first question mark is as the pattern says.
    public func matches(pathOf target: String) -> Bool {
        var target = target
        return target.withUTF8 { bytes in
            let end = bytes.firstIndex(of: UInt8(ascii: "?")) ?? bytes.endIndex
            return matches(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[..<end]))
        }
    }

    private func advances(through text: UnsafeRawBufferPointer) -> Bool {
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: words) { places in
            places.initialize(repeating: 0)
            places[0] = 1
            let (last, bit) = (count / 64, UInt64(1) << (count % 64))
            // Where a run ends the pattern, the rest of the text is of no interest.
            let endsWithRun = runs[last] & bit != 0
            for byte in text {
                if endsWithRun, places[last] & bit != 0 { return true }
                if !advance(places, by: byte) { return false }
            }
            return places[last] & bit != 0
        }
    }

    /// - Returns: whether any place is left.
    private func advance(_ places: UnsafeMutableBufferPointer<UInt64>, by byte: UInt8) -> Bool {
        let row = Int(rows[Int(byte)]) * words
        var all: UInt64 = 0
        // From the last word on, as each has its carry from the one before.
        for word in stride(from: words - 1, through: 0, by: -1) {
            var next = places[word] & runs[word] | (places[word] & takes[row + word]) << 1
            if word > 0 { next |= (places[word - 1] & takes[row + word - 1]) >> 63 }
            places[word] = next
            all |= next
        }
        return all != 0
    }
}
