import Testing

@testable import Charfinder

struct CharacterMatchesTests {
    private func matches(_ ranges: Range<UInt32>...) -> CharacterMatches {
        var matches = CharacterMatches()
        ranges.forEach { matches.append($0) }
        return matches
    }

    @Test func `ranges that touch become one`() {
        let some = matches(1..<3, 3..<4, 4..<4, 6..<7)
        #expect(some.ranges == [1..<4, 6..<7])
        #expect(some.count == 4)
    }

    @Test func `an intersection has what is in both`() {
        let left = matches(1..<5, 7..<9, 20..<30)
        #expect(
            left.intersection(matches(3..<8, 25..<26, 29..<40)).ranges
                == [3..<5, 7..<8, 25..<26, 29..<30])
        #expect(left.intersection(matches(5..<7, 9..<20, 30..<31)) == CharacterMatches())
        #expect(left.intersection(left) == left)
    }

    @Test func `one more gets its place`() {
        let some = matches(3..<5, 9..<10)
        #expect(some.inserting(1).ranges == [1..<2, 3..<5, 9..<10])
        #expect(some.inserting(2).ranges == [2..<5, 9..<10])
        #expect(some.inserting(4) == some)
        #expect(some.inserting(5).ranges == [3..<6, 9..<10])
        #expect(some.inserting(8).ranges == [3..<5, 8..<10])
        #expect(some.inserting(12).ranges == [3..<5, 9..<10, 12..<13])
        #expect(CharacterMatches().inserting(7).ranges == [7..<8])
    }
}
