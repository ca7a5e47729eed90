import Testing

@testable import Charfinder

struct CharacterIndexTests {
    private let index: CharacterIndex = IndexFixture.whole.index

    private func find(_ query: String) -> [UInt32] {
        let found = index.matches(query)
        var cursor = found.cursor(0..<found.count)
        var values: [UInt32] = []
        while let scalar = cursor.next() { values.append(scalar.value) }
        #expect(values.count == found.count)
        return values
    }

    /// Looks at every name, without an index.
    private func search(_ words: [String]) -> [UInt32] {
        IndexFixture.names.filter { _, name in
            let parts = name.utf8.split { $0 == 0x20 || $0 == 0x2d }
            return words.allSatisfy { word in parts.contains { $0.elementsEqual(word.utf8) } }
        }.map(\.0)
    }

    @Test func `it has every name, and is made in many small pieces`() {
        #expect(index.count == IndexFixture.names.count)
        #expect(index.isComplete)
        #expect(IndexFixture.whole.turns > index.count / CharacterIndex.slice)
        #expect(index.size < 4 << 20, "\(index.size) bytes")
    }

    @Test(arguments: [
        ["DIGIT"], ["CHESS"], ["CHESS", "BLACK"], ["SUN"], ["CAT", "FACE"], ["FACE"], ["BRAILLE"],
        ["SYLLABLE"], ["CJK"], ["4E00"], ["A"], ["LETTER", "SMALL", "WITH"], ["GAG"], ["1F4A9"],
        ["F900"], ["IDEOGRAPH", "17000"], ["000"], ["JABBERWOCKY"],
    ])
    func `it finds what a search of all names finds`(_ words: [String]) {
        #expect(find(words.joined(separator: " ")) == search(words))
    }

    @Test func `letters may be small, hyphens separate, and the order does not matter`() {
        #expect(find("cat smiling") == [0x1f638, 0x1f63a, 0x1f63b])
        #expect(find("  Smiling-CAT\tsmiling ") == [0x1f638, 0x1f63a, 0x1f63b])
        #expect(find("hyphen minus").first == 0x2d)
        #expect(find("straße") == find("strasse"))
    }

    @Test(arguments: ["", " ", "-", "chess nothing", "ches", "4e", "110000", "04E00", "DIGIT,"])
    func `nothing is found by`(_ query: String) {
        #expect(find(query) == [])
    }

    @Test func `an ideograph is found by its number, among others if it is a word`() {
        #expect(find("4e01") == [0x4e01])
        // TORTOISE SHELL BRACKETED CJK UNIFIED IDEOGRAPH-672C
        #expect(find("672c") == [0x672c, 0x1f240])
        #expect(find("face").contains(0xface))
        #expect(find("face").contains(0x1f431))
        #expect(find("cat 1f431") == [])
    }

    @Test func `nothing is made before it is asked for, and all who wait are told once`() {
        let turns = ManualTurns()
        let index = CharacterIndex(turns: turns.add)
        #expect(turns.isEmpty)
        var told = 0
        index.whenComplete { told += 1 }
        index.whenComplete { told += 1 }
        turns.turn()
        #expect((told, index.isComplete, index.count <= CharacterIndex.slice) == (0, false, true))
        turns.finish()
        #expect(told == 2)
        index.whenComplete { told += 1 }
        #expect((told, turns.isEmpty) == (3, true))
    }

    @Test func `of those who wait one is told in a turn, in the order of asking`() {
        let turns = ManualTurns()
        let index = CharacterIndex(turns: turns.add)
        var told: [Int] = []
        for number in 0..<5 { index.whenComplete { told.append(number) } }
        while !index.isComplete { turns.turn() }
        #expect(told == [])
        for number in 0..<5 {
            turns.turn()
            #expect(told == Array(0...number))
        }
        #expect(turns.isEmpty)
    }

    @Test func `parts of it begin anywhere`() {
        let found = index.matches("digit")
        let all = find("digit")
        for part in [0..<1, 7..<9, 10..<31, all.count - 1..<all.count + 5, 0..<0, 9999..<99999] {
            var cursor = found.cursor(part)
            let expected = all[part.clamped(to: 0..<all.count)]
            #expect(cursor.left == expected.count)
            for value in expected { #expect(cursor.next()?.value == value) }
            #expect(cursor.next() == nil)
        }
    }
}
