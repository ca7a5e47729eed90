/// A line of memcached's text protocol, taken apart.
struct MemcacheCommand {
    /// Largest item that is believed in, in bytes.
    static let maximumItem = 1 << 30

    let words: [Range<Int>]
    private(set) var kind = MemcacheReplyKind.line
    private(set) var isAnswered = true
    /// Size of the data block that follows, in bytes; nil if there is none.
    private(set) var dataBytes: Int?

    /// - Returns: nil if it is not known how many replies there will be, or where it ends.
    init?(_ line: UnsafeRawBufferPointer) {
        words = line.words()
        guard let first = words.first else { return nil }
        let word = { [words] (index: Int) in
            index < words.count ? line.part(words[index]) : line.part(0..<0)
        }
        let name = String(decoding: line.part(first), as: UTF8.self)
        switch name {
        case "set", "add", "replace", "append", "prepend", "cas":
            guard let count = word(4).decimal(atMost: Self.maximumItem) else { return nil }
            dataBytes = count
        case "get", "gets", "gat", "gats": kind = .values
        case "stats": kind = .list
        case "mg", "md", "ma", "ms":
            kind = .meta
            // A quiet command is answered only if something is unusual.
            let flags = words.dropFirst(name == "ms" ? 3 : 2)
            if flags.contains(where: { line.part($0).elementsEqual("q".utf8) }) { return nil }
            guard name == "ms" else { break }
            guard let count = word(2).decimal(atMost: Self.maximumItem) else { return nil }
            dataBytes = count
        case "watch", "lru_crawler": return nil
        case "quit": isAnswered = false
        default: break
        }
        // A key may be called so; only flush_all has none.
        let last = word(max(words.count - 1, name == "flush_all" ? 1 : 2))
        if kind == .line, last.elementsEqual("noreply".utf8) { isAnswered = false }
    }
}
