/// The words of names, each once and with a number: a hash table over one array of bytes.
struct WordTable {
    private struct Word {
        /// Where it lies in `text`.
        var offset: UInt32
        var count: UInt32
    }

    private var text: [UInt8] = []
    private var words: [Word] = []
    /// A power of two of them; a word's number and one more, or 0.
    private var buckets = [UInt32](repeating: 0, count: 1 << 10)

    var count: Int { words.count }

    /// In bytes, as reserved.
    var size: Int {
        text.capacity + words.capacity * MemoryLayout<Word>.stride
            + buckets.capacity * MemoryLayout<UInt32>.stride
    }

    /// The number of a word; nil if it has none.
    func number(of word: UnsafeRawBufferPointer) -> Int? {
        let entry = buckets[bucket(of: word)]
        return entry == 0 ? nil : Int(entry) - 1
    }

    /// The number of a word, which is the next one if it has none yet.
    mutating func addedNumber(of word: UnsafeRawBufferPointer) -> Int {
        let place = bucket(of: word)
        guard buckets[place] == 0 else { return Int(buckets[place]) - 1 }
        words.append(Word(offset: UInt32(text.count), count: UInt32(word.count)))
        text.append(contentsOf: word)
        buckets[place] = UInt32(words.count)
        if words.count * 2 > buckets.count { grow() }
        return words.count - 1
    }

    private mutating func grow() {
        buckets = [UInt32](repeating: 0, count: buckets.count * 2)
        for number in words.indices {
            let place = text.withUnsafeBytes { bucket(of: Self.bytes(of: words[number], in: $0)) }
            buckets[place] = UInt32(number + 1)
        }
    }

    /// Where a word is, or where it would be.
    private func bucket(of word: UnsafeRawBufferPointer) -> Int {
        let mask = buckets.count - 1
        var place = Self.hash(word) & mask
        while buckets[place] != 0 {
            let found = words[Int(buckets[place]) - 1]
            let isIt = text.withUnsafeBytes {
                found.count == word.count && Self.bytes(of: found, in: $0).elementsEqual(word)
            }
            if isIt { return place }
            place = (place + 1) & mask
        }
        return place
    }

    private static func bytes(
        of word: Word, in text: UnsafeRawBufferPointer
    ) -> UnsafeRawBufferPointer {
        let start = Int(word.offset)
        return UnsafeRawBufferPointer(rebasing: text[start..<start + Int(word.count)])
    }

    /// FNV-1a.
    private static func hash(_ word: UnsafeRawBufferPointer) -> Int {
        var hash: UInt32 = 0x811c_9dc5
        for byte in word { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
        return Int(hash ^ hash >> 15)
    }
}
