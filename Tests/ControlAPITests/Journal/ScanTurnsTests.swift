import Testing

@testable import ControlAPI

@Suite struct ScanTurnsTests {
    /// Needs so many steps.
    private final class Reader: ScanTurns.Reader {
        let turns: ScanTurns
        var needed: Int
        private(set) var came = 0

        init(_ turns: ScanTurns, needs needed: Int) {
            (self.turns, self.needed) = (turns, needed)
            turns.wait(for: self)
        }

        func turnCame() {
            came += 1
            while needed > 0, turns.hasRoom {
                turns.spend(10)
                needed -= 10
            }
            if needed > 0 { turns.wait(for: self) }
        }
    }

    @Test func `all together spend what there is for a turn`() {
        let turns = ScanTurns(steps: 100)
        turns.spend(99)
        #expect(turns.hasRoom)
        turns.spend(50)
        #expect(!turns.hasRoom)
        turns.turn()
        #expect(turns.hasRoom)
    }

    @Test func `who does not get ready goes on behind the others`() {
        let turns = ScanTurns(steps: 100)
        let (long, short) = (Reader(turns, needs: 250), Reader(turns, needs: 50))
        turns.turn()
        #expect(long.needed == 150 && short.came == 0)
        turns.turn()
        #expect(short.needed == 0 && long.needed == 100)
        turns.turn()
        #expect(long.needed == 0 && long.came == 3 && short.came == 1)
        turns.turn()
        #expect(long.came == 3)
    }

    @Test func `who waits twice is told once, and who is gone never`() {
        let turns = ScanTurns(steps: 100)
        let reader = Reader(turns, needs: 10)
        turns.wait(for: reader)
        var gone: Reader? = Reader(turns, needs: 1000)
        gone = nil
        #expect(gone == nil)
        turns.turn()
        #expect(reader.came == 1 && turns.hasRoom)
    }
}
