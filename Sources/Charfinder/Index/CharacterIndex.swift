import HTTPWire

/// Each word of the characters' names with its characters. The names are the Swift library's own.
/// It is made when it is first asked for, piece by piece, and then stays. Loop thread only.
public final class CharacterIndex {
    /// Has `step` called once in each turn of the loop, until it answers false.
    public typealias Turns = (_ step: @escaping () -> Bool) -> Void

    private let turns: Turns
    private var words = WordTable()
    /// By the number of a word: its first run and its last.
    private var lists: [(first: UInt32, last: UInt32)] = []
    private var runs: [CharacterRun] = []
    /// The code point that is looked at next; controls have no names.
    private var position: UInt32 = 0x20
    private var waiting: [() -> Void] = []
    private var isBegun = false

    /// How many characters have names.
    public private(set) var count = 0

    private static let end: UInt32 = 0x11_0000
    /// How many names are read in a turn: less than a millisecond.
    static let slice = 256
    /// How many code points are looked at in a turn that have none.
    private static let emptySlice: UInt32 = 8192

    public init(turns: @escaping Turns) { self.turns = turns }

    public var isComplete: Bool { position == Self.end }

    /// In bytes, as reserved.
    var size: Int {
        words.size + lists.capacity * MemoryLayout<(UInt32, UInt32)>.stride
            + runs.capacity * MemoryLayout<CharacterRun>.stride
    }

    // MARK: Making it

    /// Calls `body` when it is complete, at once if it is; begins to make it.
    public func whenComplete(_ body: @escaping () -> Void) {
        guard !isComplete else { return body() }
        waiting.append(body)
        guard !isBegun else { return }
        isBegun = true
        turns { [weak self] in self?.advance() ?? false }
    }

    /// Makes a piece of it, or tells one of those who have waited for it: each may have much to do.
    ///
    /// - Returns: whether there is more to do.
    func advance() -> Bool {
        guard !isComplete else { return tellOne() }
        let (most, last) = (count + Self.slice, min(position + Self.emptySlice, Self.end))
        while position < last, count < most {
            if let scalar = Unicode.Scalar(position), var name = scalar.properties.name {
                name.withUTF8 { add(position, UnsafeRawBufferPointer($0)) }
                count += 1
            }
            position += 1
        }
        return true
    }

    private func tellOne() -> Bool {
        if !waiting.isEmpty { waiting.removeFirst()() }
        return !waiting.isEmpty
    }

    private func add(_ scalar: UInt32, _ name: UnsafeRawBufferPointer) {
        Self.forEachWord(name) { word in
            // A hundred thousand ideographs have a word that no other name has.
            if Self.number(word) == scalar { return }
            let number = words.addedNumber(of: word)
            if number == lists.count {
                lists.append((UInt32(runs.count), UInt32(runs.count)))
                runs.append(CharacterRun(scalar))
            } else {
                extend(number, with: scalar)
            }
        }
    }

    private func extend(_ number: Int, with scalar: UInt32) {
        let last = Int(lists[number].last)
        // A name may have a word twice.
        guard runs[last].end <= scalar else { return }
        if runs[last].end == scalar { return runs[last].grow() }
        runs[last].next = runs.count
        lists[number].last = UInt32(runs.count)
        runs.append(CharacterRun(scalar))
    }

    // MARK: Asking it

    /// The characters whose names have all words of a query; none without words.
    ///
    /// - Precondition: it is complete.
    public func matches(_ query: String) -> CharacterMatches {
        precondition(isComplete, "it is asked before it is made")
        var found: CharacterMatches?
        for word in Self.words(of: query) {
            let ofWord = word.withUnsafeBytes(matches(ofWord:))
            let both = found?.intersection(ofWord) ?? ofWord
            if both.count == 0 { return both }
            found = both
        }
        return found ?? CharacterMatches()
    }

    private func matches(ofWord word: UnsafeRawBufferPointer) -> CharacterMatches {
        var found = CharacterMatches()
        if let number = words.number(of: word) {
            var place = Int(lists[number].first)
            repeat {
                found.append(runs[place].first..<runs[place].end)
                place = runs[place].next
            } while place != 0
        }
        guard let own = Self.number(word), Self.isNamedByNumber(own, word) else { return found }
        return found.inserting(own)
    }

    /// Whether the name of a character has its number as a word.
    private static func isNamedByNumber(_ value: UInt32, _ number: UnsafeRawBufferPointer) -> Bool {
        guard var name = Unicode.Scalar(value)?.properties.name else { return false }
        var isIt = false
        name.withUTF8 { name in
            forEachWord(UnsafeRawBufferPointer(name)) { isIt = isIt || $0.elementsEqual(number) }
        }
        return isIt
    }

    /// Each word of a query once, as names have them.
    static func words(of query: String) -> [[UInt8]] {
        var seen: Set<[UInt8]> = []
        let parts = query.uppercased().unicodeScalars.split {
            $0 == "-" || $0.properties.isWhitespace
        }
        return parts.map { Array(String(String.UnicodeScalarView($0)).utf8) }
            .filter { seen.insert($0).inserted }
    }

    private static func forEachWord(
        _ name: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void
    ) {
        var start = 0
        for index in 0...name.count {
            guard index == name.count || name[index] == 0x20 || name[index] == 0x2d else {
                continue
            }
            if start < index { body(UnsafeRawBufferPointer(rebasing: name[start..<index])) }
            start = index + 1
        }
    }

    /// The code point that a word is the number of, as `U+` has it behind it; nil if it is none.
    private static func number(_ word: UnsafeRawBufferPointer) -> UInt32? {
        guard (4...6).contains(word.count), word.count == 4 || word[0] != UInt8(ascii: "0") else {
            return nil
        }
        var value: UInt32 = 0
        for digit in word {
            guard let digit = Hexadecimal.value(of: digit) else { return nil }
            value = value << 4 | UInt32(digit)
        }
        return value
    }
}
