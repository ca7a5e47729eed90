import Testing

@testable import Downloading

struct ConnectionPaceTests {
    @Test func `who spares connections has few at first, and twice as many every four pauses`() {
        var pace = ConnectionPace(isSparing: true)
        var allowed: [Int] = []
        for _ in 0..<9 {
            allowed.append(pace.allowed)
            pace.noteAnswer()
            pace.notePause()
        }
        #expect(allowed == [4, 4, 4, 4, 8, 8, 8, 8, 16])
    }

    @Test func `but all that are of use where nothing is answered meanwhile`() {
        var pace = ConnectionPace(isSparing: true)
        pace.noteAnswer()
        pace.notePause()
        #expect(pace.allowed == ConnectionPace.first)
        pace.notePause()
        #expect(pace.allowed == .max)
    }

    @Test func `and it does not overflow`() {
        var pace = ConnectionPace(isSparing: true)
        for _ in 0..<400 {
            pace.noteAnswer()
            pace.notePause()
        }
        #expect(pace.allowed == .max)
    }

    @Test func `who measures has all at once`() {
        #expect(ConnectionPace(isSparing: false).allowed == .max)
    }
}
