import Testing

@testable import Faults

struct ToxicWindowTests {
    private static let second: UInt64 = 1_000_000_000
    private let start = Instant(nanoseconds: 7)

    private func at(_ nanoseconds: UInt64) -> Instant { start + nanoseconds }

    @Test func `without a time it is always in force`() {
        let window = ToxicWindow()
        #expect(window.isInForce(at: at(0), since: start))
        #expect(window.change(after: at(0), since: start) == nil)
    }

    @Test func `a ttl ends to the nanosecond, once`() {
        let window = ToxicWindow(ttl: 30 * Self.second)
        #expect(window.isInForce(at: at(30 * Self.second - 1), since: start))
        #expect(!window.isInForce(at: at(30 * Self.second), since: start))
        #expect(window.change(after: at(1), since: start) == at(30 * Self.second))
        #expect(window.change(after: at(30 * Self.second), since: start) == nil)
        #expect(window.isOver(at: at(30 * Self.second), since: start))
    }

    @Test func `a schedule is in force in the first part of every period`() {
        let schedule = ToxicWindow.Schedule(length: 5 * Self.second, period: 30 * Self.second)
        let window = ToxicWindow(schedule: schedule)
        let times: [(UInt64, Bool, next: UInt64)] = [
            (0, true, 5), (4, true, 5), (5, false, 30), (29, false, 30), (30, true, 35),
            (61, true, 65), (65, false, 90),
        ]
        for (time, isInForce, next) in times {
            let now = at(time * Self.second)
            #expect(window.isInForce(at: now, since: start) == isInForce, "\(time) s")
            #expect(window.change(after: now, since: start) == at(next * Self.second), "\(time) s")
        }
        #expect(window.isInForce(at: at(5 * Self.second - 1), since: start))
    }

    @Test func `a ttl ends a schedule in the middle of it`() {
        let schedule = ToxicWindow.Schedule(length: 5, period: 30)
        let window = ToxicWindow(ttl: 33, schedule: schedule)
        #expect(window.change(after: at(5), since: start) == at(30))
        #expect(window.change(after: at(30), since: start) == at(33))
        #expect(!window.isInForce(at: at(33), since: start))
    }

    @Test func `a schedule as long as its period never changes`() {
        let window = ToxicWindow(schedule: ToxicWindow.Schedule(length: 5, period: 5))
        #expect(window.isInForce(at: at(17), since: start))
        #expect(window.change(after: at(17), since: start) == nil)
    }

    @Test func `each change is where the answer changes, whatever the times`() {
        for length in 1...6 as ClosedRange<UInt64> {
            for period in length...7 {
                for ttl in [nil, 9, 14] as [UInt64?] {
                    let window = ToxicWindow(
                        ttl: ttl,
                        schedule: ToxicWindow.Schedule(length: length, period: period))
                    for time in 0..<30 as Range<UInt64> {
                        let isInForce = window.isInForce(at: at(time), since: start)
                        let next = window.change(after: at(time), since: start)
                        let later = (time + 1..<60).first { later in
                            window.isInForce(at: at(later), since: start) != isInForce
                                || ttl == later
                        }
                        #expect(next == later.map(at), "\(length)/\(period) \(time)")
                    }
                }
            }
        }
    }

    // MARK: As it is written

    private func window(_ words: String) throws(ToxicError) -> ToxicWindow? {
        try ToxicReading(words: "latency latency=1ms \(words)").toxic().window
    }

    private func refusal(_ words: String) -> String {
        do throws(ToxicError) {
            return "\(String(describing: try window(words)))"
        } catch {
            return error.description
        }
    }

    @Test func `times have units on the command line`() throws {
        #expect(try window("") == nil)
        #expect(try window("ttl=30s")?.ttl == 30 * Self.second)
        let schedule = try window("schedule=500ms/1.5m")?.schedule
        #expect(schedule?.description == "500ms/90s")
        #expect(refusal("ttl=30").contains("a time needs a unit"))
        #expect(refusal("schedule=5/30").contains("a time needs a unit"))
    }

    @Test(arguments: [
        ("ttl=0", "ttl '0' is shorter than 1ms"), ("ttl=25h", "ttl '25h' is longer than 24h"),
        ("ttl=soon", "'soon' is not a time"), ("ttl=-5s", "'-5s' is not a time"),
        ("schedule=5s", "write 5s/30s"), ("schedule=5s/30s/2s", "write 5s/30s"),
        ("schedule=0/30s", "shorter than 1ms"), ("schedule=5s/0s", "shorter than 1ms"),
        ("schedule=30s/5s", "longer than the period"), ("schedule=1s/48h", "longer than 24h"),
        ("schedule=", "write 5s/30s"), ("schedule=a/b", "'a' is not a time"),
    ])
    func `a wrong time is told`(words: String, part: String) {
        #expect(refusal(words).contains(part), "\(refusal(words))")
    }

    private func json(_ fields: [ToxicField]) -> ToxicReading {
        ToxicReading([ToxicField("type", .text("noop"))] + fields, as: .json)
    }

    @Test func `a number in JSON is one of milliseconds`() throws {
        let toxic = try json([
            ToxicField("ttl", .number("1500")), ToxicField("schedule", .text("1s/2s")),
        ]).toxic()
        #expect(toxic.window?.ttl == 1_500_000_000)
        #expect(throws: ToxicError.self) { try json([ToxicField("ttl", .number("-1"))]).toxic() }
        #expect(throws: ToxicError.self) { try json([ToxicField("ttl", .number("1.5"))]).toxic() }
        #expect(throws: ToxicError.self) {
            try json([ToxicField("ttl", .number("18446744073709551615"))]).toxic()
        }
        #expect(throws: ToxicError.self) { try json([ToxicField("ttl", .flag(true))]).toxic() }
    }

    @Test func `a change keeps what it does not name, and an empty text takes it away`() throws {
        let toxic = try json([
            ToxicField("ttl", .text("2s")), ToxicField("schedule", .text("1s/2s")),
        ]).toxic()
        let kept = try json([ToxicField("toxicity", .number("0.5"))]).changed(toxic)
        #expect(kept.window == toxic.window)
        let changed = try json([
            ToxicField("ttl", .text("")), ToxicField("schedule", .null),
        ]).changed(toxic)
        #expect(changed.window == ToxicWindow(schedule: toxic.window?.schedule))
    }
}
