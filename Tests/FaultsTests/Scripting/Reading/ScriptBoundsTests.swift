import Testing

@testable import Faults

struct ScriptBoundsTests {
    private func message(_ steps: String, header: String = "") -> String {
        do throws(ScriptError) {
            _ = try Script.read("It.\n\(header)\n\n\(steps)")
            return "none"
        } catch {
            return error.description
        }
    }

    @Test(arguments: [
        ("fill 1GB zero", "none"),
        ("fill 1025MiB zero", "4:1: With this step it sends more than 1GiB"),
        ("repeat 1025\nfill 1MiB zero\ndone", "5:1: With this step it sends more than 1GiB"),
        ("repeat 1024\nfill 1MiB zero\ndone", "none"),
        (
            "repeat 100000\nrepeat 100000\nwait 1ms\ndone\ndone",
            "6:1: With this step it does more than"
        ),
        // A repetition is one step, and each round has a step and its end: 10 million in all.
        ("wait 1ms\nrepeat 4999999\nwait 1ms\ndone", "none"),
        (
            "wait 1ms\nrepeat 4999999\nwait 1ms\ndone\nwait 1ms",
            "8:1: With this step it does more than 10000000 in all. Repeat less, or write 'fill'."
        ),
        ("wait 24h", "none"),
        ("wait 86401s", "4:1: 'wait' lasts at most 24h."),
        ("repeat forever 1B 10m\nhead\ndone", "none"),
        ("fill 1GiB zero", "none"),
        ("fill 1GiB zero\nfill 1B zero", "5:1: With this step it sends more than 1GiB"),
        (
            "repeat 9999999999999999999\nhead\ndone",
            "4:8: '9999999999999999999' is no whole number."
        ),
        (
            "repeat 3000000000\nrepeat 4000000000\nhead\ndone\ndone",
            "5:1: With this step it does more"
        ),
        ("repeat forever 1GB 10m\nhead\ndone", "none"),
        ("repeat forever 2GB 10m\nhead\ndone", "4:1: A loop for ever sends"),
        (
            "repeat forever 1025MiB 10m\nhead\ndone",
            "4:1: A loop for ever sends from 1 byte to 1GiB"
        ),
        ("repeat forever 1MiB 11m\nhead\ndone", "4:1: A loop for ever lasts at most 10m"),
        ("repeat forever 1MiB 0\nhead\ndone", "4:1: A loop for ever lasts at most 10m"),
        ("repeat forever 0 1s\nhead\ndone", "4:1: A loop for ever sends from 1 byte"),
        (
            "repeat 3\nrepeat forever 512MiB 1s\nhead\ndone\ndone",
            "5:1: With this step it sends more"
        ),
    ])
    func `whatever a script can send in all has a bound`(_ steps: String, _ start: String) {
        let message = message(steps)
        #expect(message.hasPrefix(start), "\(message)")
    }

    @Test func `arguments are held against the same bounds`() throws {
        let script = try Script.read(
            "It.\nparam n 5 count\nparam d 1s time\n\nwait $d\nrepeat $n\nfill 1MiB zero\ndone")[0]
        try script.check([:])
        try script.check(["n": .number(1024)])
        #expect(throws: FaultError.self) { try script.check(["n": .number(1025)]) }
        #expect(throws: FaultError("script: 'wait' lasts at most 24h.")) {
            try script.check(["d": .number(90_000_000_000_000)])
        }
    }

    @Test func `what is not checked before ends while it runs`() throws {
        var play = try ScriptPlay(
            "repeat $n\nfill 512kB zero\ndone", header: "param n 1 count",
            arguments: ["n": .number(5)])
        #expect(play.run.mostBytes == 1 << 30)
        play.run.mostBytes = 1 << 20
        play.take()
        var (sent, cut) = (0, false)
        while !play.run.isOver {
            for action in play.run.run(at: Instant(nanoseconds: 0), room: 1 << 20) {
                if case .bytes(let bytes) = action { sent += bytes.count }
                if case .cut(.fin) = action { cut = true }
            }
        }
        #expect(sent == 1 << 20)
        #expect(cut)
    }
}
