import ChaosProxy
import Faults
import HTTPWire
import Records
import TestSupport
import Testing

@testable import ControlAPI

/// What is looked for in the journal over several turns of the loop.
@Suite struct JournalSearchTests {
    /// In each turn a few records of the hundred that there are can be looked at.
    private let turns = ScanTurns(steps: 1000)
    private let harness: ControlHarness
    private let journal: Journal

    init() throws {
        let turns = turns
        harness = try ControlHarness { $0.scanTurns = turns }
        journal = try #require(harness.journal)
        journal.append(served: 100)
    }

    private struct NotLate: Error {}

    private func late(_ line: String, _ body: String = "") throws -> LateAnswer {
        let answer = try harness.answer(line, Array(body.utf8))
        guard case .late(let late) = answer else { throw NotLate() }
        #expect(answer.status == nil && answer.bodyCount == nil)
        return late
    }

    /// What comes after so many turns, or nothing.
    private func answer(_ late: LateAnswer, turns count: Int = 1000) -> SiteAnswer? {
        var found: SiteAnswer?
        late.onAnswer = { found = $0 }
        for _ in 0..<count where found == nil { turns.turn() }
        return found
    }

    private func verdict(_ late: LateAnswer) throws -> (status: UInt16, JSONValue, [HTTPField]) {
        guard case .made(let response)? = answer(late) else { throw NotLate() }
        let body = response.body.compactMap(\.text).joined()
        return (response.status.code, try JSONValue(text: body), response.fields)
    }

    @Test func `a verdict that takes many turns is the one that is made at once`() throws {
        for body in [
            #"{"count":100}"#, #"{"count":5}"#, #"{"q":"path:/flags/*","count":{"max":3}}"#,
            #"{"path":"*a*b*c","count":0}"#, #"{"count":100,"peak_concurrency":7}"#,
        ] {
            let (status, json, fields) = try verdict(late("POST /verify", body))
            let other = try ControlHarness()
            other.journal?.append(served: 100)
            let atOnce = try other.send("POST /verify", body)
            #expect(Int(status) == atOnce.status && fields == atOnce.fields)
            #expect(try json == JSONValue(text: atOnce.body))
        }
    }

    @Test func `no turn looks at more than it has room for`() throws {
        let late = try late("POST /verify", #"{"count":100}"#)
        // One look costs 60: 17 in the first turn, and as many in each of the next.
        #expect(answer(late, turns: 4) == nil)
        #expect(answer(late, turns: 1) != nil)
    }

    @Test func `what comes meanwhile is not counted`() throws {
        let late = try late("POST /verify", #"{"count":100}"#)
        turns.turn()
        #expect(try harness.send("POST /reset").status == 204)
        journal.append(served: 3)
        // Three have fallen out, and had not been looked at.
        let (status, json, _) = try verdict(late)
        #expect(status == 409 && json["count"] == .number("97"))
        #expect(json["forgotten"] == .number("3"))
    }

    @Test func `what falls out behind the search does not matter`() throws {
        let late = try late("POST /verify", #"{"since":50,"count":50}"#)
        turns.turn()
        journal.append(served: 20)
        let (status, json, _) = try verdict(late)
        #expect(status == 200 && json["forgotten"] == .number("0"))
    }

    @Test func `the newest are looked for, and then told`() throws {
        let late = try late("GET /journal?limit=60&q=path:/flags/*")
        journal.append(served: 5)
        guard case .streamed(let stream)? = answer(late) else { throw NotLate() }
        #expect(stream.fields.allSatisfy { $0.name != "X-Flagserver-Forgotten" })
        var lines: [Substring] = []
        var pieces = 0
        stream.onMore = {}
        reading: while true {
            switch stream.next() {
            case .bytes(let piece):
                pieces += 1
                lines += String(decoding: piece, as: UTF8.self).split(separator: "\n")
            case .later: turns.turn()
            case .end: break reading
            }
        }
        #expect(lines.count == 60 && pieces > 4)
        #expect(try JSONValue(text: String(lines[0]))["seq"] == .number("41"))
        #expect(try JSONValue(text: String(lines[59]))["seq"] == .number("100"))
    }

    @Test func `who reads events is woken when there is room again`() throws {
        harness.control.tick(at: Instant(nanoseconds: 1))
        let stream = try harness.read("?q=path:*zz*")
        _ = stream.readAll()
        var wakes = 0
        stream.onMore = { wakes += 1 }
        journal.append(served: 90)
        guard case .later = stream.next() else { throw NotLate() }
        turns.turn()
        #expect(wakes == 1)
        for _ in 0..<50 {
            _ = stream.readAll()
            turns.turn()
        }
        let last = wakes
        turns.turn()
        #expect(wakes == last, "nothing is left to be looked at")
    }

    @Test func `what nobody wants any more is not looked for`() throws {
        var late: LateAnswer? = try late("POST /verify", #"{"count":100}"#)
        var isAnswered = false
        late?.onAnswer = { _ in isAnswered = true }
        late = nil
        for _ in 0..<100 { turns.turn() }
        #expect(!isAnswered && turns.hasRoom)
    }
}
