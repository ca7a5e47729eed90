import HTTPWire
import Testing

@testable import Faults

struct RespondTests {
    private func answers(_ respond: Respond, count: Int) -> [HTTPStatus: Int] {
        var seen: [HTTPStatus: Int] = [:]
        for seed in 0..<count {
            var generator = SeededGenerator(seed: UInt64(seed))
            let effect = respond.effect(&generator, isConnection: false)
            guard case .respond(let status, _) = effect else { continue }
            seen[status, default: 0] += 1
        }
        return seen
    }

    @Test func `statuses come as often as their weights say`() {
        let respond = Respond(
            statuses: [(418, 1), (503, 3), (500, 6)], retryAfter: nil)
        let seen = answers(respond, count: 20_000)
        #expect(seen.count == 3)
        // Five standard deviations of 20 000 trials of 0.1, 0.3 and 0.6.
        #expect(abs(seen[418, default: 0] - 2000) <= 212)
        #expect(abs(seen[503, default: 0] - 6000) <= 324)
        #expect(abs(seen[500, default: 0] - 12_000) <= 346)
    }

    @Test func `a status of weight 0 never comes`() {
        let respond = Respond(statuses: [(500, 0), (418, 1), (503, 0)], retryAfter: nil)
        #expect(answers(respond, count: 500) == [418: 500])
    }

    @Test func `a single status always comes`() {
        let respond = Respond(statuses: [(404, .max)], retryAfter: nil)
        #expect(answers(respond, count: 100) == [404: 100])
    }

    @Test func `the greatest weights do not overflow`() {
        let respond = Respond(statuses: [(418, .max), (503, .max)], retryAfter: nil)
        let seen = answers(respond, count: 2000)
        #expect(abs(seen[418, default: 0] - 1000) <= 112)
    }

    @Test func `Retry-After is in whole seconds, rounded up`() {
        let cases: [(Nanoseconds, UInt64)] = [
            (0, 0), (1, 1), (999_999_999, 1), (1_000_000_000, 1), (1_000_000_001, 2),
            (60_000_000_000, 60),
        ]
        for (retryAfter, seconds) in cases {
            for status in [503, 429] as [HTTPStatus] {
                #expect(Respond.retryAfterSeconds(status, retryAfter) == seconds)
            }
        }
    }

    @Test func `only 503 and 429 have a Retry-After`() {
        for status in [418, 500, 502, 504, 404, 301] as [HTTPStatus] {
            #expect(Respond.retryAfterSeconds(status, 1) == nil)
        }
        #expect(Respond.retryAfterSeconds(503, nil) == nil)
    }

    @Test func `it is of the exchange, belongs to the upstream and makes no stage`() {
        let fault = Fault.respond(.standard)
        #expect(fault.type.place == .exchange)
        #expect(fault.type.stream == .upstream)
        #expect(!fault.hasStage)
        #expect(!fault.concernsConnection)
        #expect(Pipeline([fault], stream: .upstream).isEmpty)
    }

    @Test func `the standard is what is answered when no status is given`() throws {
        #expect(try Fault(Respond.type, [:]) == .respond(.standard))
        #expect(
            try Fault(Respond.type, ["retry_after": .number(0)])
                == .respond(Respond(statuses: [(418, 1), (503, 1)], retryAfter: nil)))
    }

    @Test func `its words are the statuses that are answered`() {
        let respond = Respond(statuses: [(418, 1), (429, 0), (503, 3)], retryAfter: nil)
        #expect(respond.words == "418 / 503")
        #expect(respond.values.map(\.name) == ["418", "503", "retry_after", "headers"])
    }
}
