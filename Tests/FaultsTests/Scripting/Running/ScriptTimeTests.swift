import HTTPWire
import Testing

@testable import Faults

/// Waits, paces, loops and endings, to the nanosecond.
struct ScriptTimeTests {
    @Test func `a wait lasts as long as it says, from when it began`() throws {
        #expect(
            try ScriptPlay.lines(
                "send \"a\"\nwait 200ms\nsend \"b\"\nwait $d\nfin", header: "param d 1500us time")
                == ["0 foreign ‹a›", "200000000 foreign ‹b›", "201500000 fin"])
        #expect(try ScriptPlay.lines("wait 0\nfin") == ["0 fin"])
    }

    @Test func `a late turn makes the next wait no shorter`() throws {
        var play = try ScriptPlay("wait 10ms\nsend \"a\"\nwait 10ms\nsend \"b\"")
        play.take()
        play.step()
        #expect(play.run.deadline == Instant(nanoseconds: 1_000_010_000_000))
        play.wait(until: 13_000_000)
        play.goOn()
        #expect(play.lines == ["13000000 foreign ‹a›", "23000000 foreign ‹b›", "23000000 end"])
    }

    @Test func `a pace sends its first piece at once and the others in time`() throws {
        #expect(
            try ScriptPlay.lines(
                "pace 2B every 20ms\nsend \"abc\"\nsend \"de\"\npace off\nsend \"fgh\"") == [
                    "0 foreign ‹ab›", "20000000 foreign ‹cd›", "40000000 foreign ‹efgh›",
                    "40000000 end",
                ])
    }

    @Test func `late turns do not add up in a pace`() throws {
        var play = try ScriptPlay("pace 1B every 10ms\nsend \"abcdef\"")
        play.take()
        play.step()
        for late in [13, 21, 38] as [UInt64] {
            play.wait(until: late * 1_000_000)
            play.step()
        }
        #expect(
            play.lines == [
                "0 foreign ‹a›", "13000000 foreign ‹b›", "21000000 foreign ‹c›",
                "38000000 foreign ‹d›",
            ])
        #expect(play.run.deadline == Instant(nanoseconds: 1_000_040_000_000))
    }

    @Test func `a wait in a pace gives no pieces ahead of time`() throws {
        #expect(
            try ScriptPlay.lines("pace 1B every 10ms\nsend \"a\"\nwait 35ms\nsend \"bc\"") == [
                "0 foreign ‹a›", "35000000 foreign ‹b›", "45000000 foreign ‹c›", "45000000 end",
            ])
    }

    // MARK: Loops

    @Test func `a loop counts its rounds, also within another`() throws {
        #expect(
            try ScriptPlay.lines(
                "repeat 2\nrepeat $n\nsend \"$i\"\ndone\nsend \"-$i \"\ndone",
                header: "param n 3 count")
                == ["0 foreign ‹123-1 123-2 ›", "0 end"])
        #expect(try ScriptPlay.lines("repeat 0\nsend \"a\"\ndone\nfin") == ["0 fin"])
        #expect(
            try ScriptPlay.lines("repeat 3\nsend \"ab\"\ndone") == ["0 foreign ‹ababab›", "0 end"])
    }

    @Test func `a loop for ever ends with its bytes, in the middle of a round`() throws {
        for steps in ["send \"abc\"", "send \"abc\"\nwait 0"] {
            #expect(
                try ScriptPlay.lines("repeat forever 7 bytes 1m\n\(steps)\ndone\nsend \"!\"")
                    == ["0 foreign ‹abcabca!›", "0 end"])
        }
    }

    @Test func `a loop for ever ends with its time, in the middle of a wait`() throws {
        #expect(
            try ScriptPlay.lines("repeat forever 1kB 25ms\nsend \"a\"\nwait 10ms\ndone\nfin") == [
                "0 foreign ‹a›", "10000000 foreign ‹a›", "20000000 foreign ‹a›", "25000000 fin",
            ])
    }

    @Test func `a loop for ever ends in time though the client takes nothing`() throws {
        var play = try ScriptPlay("repeat forever 1MiB bytes 5s\nsend \"abc\"\ndone\nfin")
        play.room = 0
        play.take()
        play.step()
        #expect(play.run.deadline == Instant(nanoseconds: 1_005_000_000_000))
        #expect(!play.run.isWaiting)
        play.wait(until: 5_000_000_000)
        play.step()
        #expect(play.lines == ["5000000000 fin"])
    }

    @Test func `a loop for ever in which nothing happens is over`() throws {
        var play = try ScriptPlay("repeat forever 1kB 10m\nbody\ndone\nfin")
        play.request.isHead = true
        play.take()
        play.goOn(most: 3)
        #expect(play.lines == ["0 fin"])
    }

    @Test func `a loop may answer several requests`() throws {
        var play = try ScriptPlay("repeat 2\nhead\nbody\nrequest\ndone\nfin")
        for _ in 0..<2 {
            play.take()
            #expect(play.run.question == ScriptQuestion())
            play.goOn()
        }
        #expect(play.lines.filter { $0 == "0 request" }.count == 2)
        play.take()
        play.goOn()
        #expect(play.lines.last == "0 fin")
    }

    // MARK: Endings

    @Test func `silence lasts until the client leaves, or until its time`() throws {
        var play = try ScriptPlay("send \"a\"\nsilence")
        play.take()
        play.goOn()
        #expect(play.lines == ["0 foreign ‹a›"])
        #expect(play.run.isWaiting && play.run.deadline == nil && !play.run.isOver)
        play.clientEnds()
        play.goOn()
        #expect(!play.run.isOver && play.run.isWaiting)
        #expect(try ScriptPlay.lines("silence 3s") == ["3000000000 fin"])
    }

    @Test func `close-wait ends when the client does, or in its time`() throws {
        #expect(try ScriptPlay.lines("close-wait 2s") == ["2000000000 fin"])
        var play = try ScriptPlay("half\nclose-wait 2s")
        play.take()
        play.step()
        #expect(play.run.isWaiting)
        play.wait(until: 7)
        play.clientEnds()
        #expect(!play.run.isWaiting)
        play.step()
        #expect(play.lines == ["0 half", "7 fin"])
        #expect(play.run.isOver && play.run.deadline == nil)
    }

    @Test func `an ending comes behind the bytes`() throws {
        #expect(try ScriptPlay.lines("send \"a\"\nrst") == ["0 foreign ‹a›", "0 rst"])
        #expect(
            try ScriptPlay.lines("send \"a\"\nhalf\nwait 1ms\nrst") == [
                "0 foreign ‹a›", "0 half", "1000000 rst",
            ])
    }
}
