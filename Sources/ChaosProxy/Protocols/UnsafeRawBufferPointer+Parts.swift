extension UnsafeRawBufferPointer {
    /// What is left from `position` on.
    func from(_ position: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: self[position...])
    }

    /// The part `range` as a view of its own.
    func part(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: self[range])
    }

    /// Where `part` lies within these bytes, as it is a view into them.
    func offsets(of part: UnsafeRawBufferPointer) -> Range<Int> {
        guard let start = baseAddress, let other = part.baseAddress else { return 0..<0 }
        return other - start..<other - start + part.count
    }

    /// A decimal number without sign and blanks, at most `limit`; nil if it is none.
    func decimal(atMost limit: Int) -> Int? {
        guard (1...18).contains(count) else { return nil }
        var number = 0
        for byte in self {
            guard byte &- 0x30 <= 9 else { return nil }
            number = number * 10 + Int(byte &- 0x30)
        }
        return number <= limit ? number : nil
    }

    /// The words between single or several blanks, as ranges.
    func words() -> [Range<Int>] {
        split(separator: 0x20).map { $0.startIndex..<$0.endIndex }
    }
}
