import Testing

@testable import flagserver

struct SavedFileTests {
    private let wanted: [UInt8] = [1, 2, 3, 4]

    private func file(_ found: [UInt8]?, given: [UInt8]? = nil) -> SavedFile {
        SavedFile(found, wanted: wanted, given: given)
    }

    @Test func `a file is held against what belongs there, byte by byte`() {
        #expect(file(wanted).state == .right)
        #expect(file(nil).state == .missing)
        #expect(file([1, 2]).state == .beginning)
        #expect(file([]).state == .beginning)
        #expect(file([1, 2, 3, 4, 5]).state == .tooLong)
        #expect(file([1, 2, 9, 4]).state == .different(from: 2))
        #expect(file([9]).state == .different(from: 0))
    }

    @Test func `what lay there before and still does was not kept by the client`() {
        let given: [UInt8] = [1, 2]
        #expect(file(given, given: given).state == .asGiven)
        #expect(!file(given, given: given).isWrong && file([1, 2, 3], given: given).isWrong)
        // All of it was there, and it is what belongs there.
        #expect(file(wanted, given: wanted).state == .right)
    }

    @Test func `where nothing belongs, no file is as good as an empty one`() {
        #expect(SavedFile(nil, wanted: []).isRight && SavedFile([], wanted: []).isRight)
        #expect(SavedFile([1], wanted: []).state == .tooLong)
    }

    @Test func `what is there is told in numbers`() {
        #expect(file([1, 2]).words == "2 of 4 bytes")
        #expect(file([1, 2, 3, 4, 5]).words == "all 4 bytes and 1 more")
        #expect(file([1, 9, 3]).words == "3 bytes, wrong from byte 2 on")
        #expect(file(nil).words == "no file")
    }
}
