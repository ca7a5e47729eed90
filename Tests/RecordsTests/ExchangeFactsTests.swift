import Faults
import TestSupport
import Testing

@testable import Records

/// What is known of an exchange under way, and what its record says of it.
struct ExchangeFactsTests {
    private func made(
        attempt: UInt32? = nil, waitedSince: UInt64? = nil, traits: ExchangeFacts.Traits = []
    ) -> ExchangeFacts {
        ExchangeFacts(
            method: "GET", target: "/a", attempt: attempt, start: Instant(nanoseconds: 100),
            waitedSince: waitedSince.map { Instant(nanoseconds: $0) }, inFlight: 3, number: 2,
            traits: traits)
    }

    private func told(_ facts: ExchangeFacts, at now: UInt64 = 1000) -> ExchangeRecord {
        var telling = facts
        var record = ExchangeRecord(proxy: "test")
        telling.tell(&record, .keep, held: 5, at: Instant(nanoseconds: now))
        return record
    }

    @Test func `a request begins when it is complete, and when it came if it had to wait`() {
        let cases: [(waitedSince: UInt64?, queued: UInt64, start: UInt64)] = [
            (nil, 0, 250), (120, 0, 250), (100, 0, 250), (99, 1, 99), (40, 60, 40),
        ]
        for (waitedSince, queued, start) in cases {
            var facts = made(waitedSince: waitedSince)
            facts.complete(at: Instant(nanoseconds: 250))
            #expect(facts.start == Instant(nanoseconds: start))
            #expect(told(facts).queued == queued && told(facts).duration == 1000 - start)
        }
        #expect(told(made(), at: 99).duration == 0)
    }

    @Test func `a record has the place of its exchange, and an attempt if it was counted`() {
        let record = told(made(attempt: 1))
        #expect(record.method == "GET" && record.target == "/a" && record.attempt == 1)
        #expect(record.exchange == 2 && record.inFlight == 3 && record.actualDelay == 5)
        #expect(told(made()).attempt == nil && told(made(attempt: 0)).attempt == nil)
    }

    @Test func `each trait says one thing, and nothing else`() {
        let all: [ExchangeFacts.Traits] = [
            .malformed, .connection, .hasContent, .injected, .refusedByEnd, .givenUp,
            .backendMalformed,
        ]
        for trait in all {
            var facts = made(traits: trait)
            facts.refusal = .rate
            // Nothing has left.
            #expect(!facts.isInjected && !facts.isRefused(.keep))
            #expect(facts.isRefused(.fin) == (trait == .refusedByEnd))
            facts.left(head: 10, body: 5)
            #expect(facts.isInjected == (trait == .injected))
            #expect(facts.isRefused(.fin) && facts.isRefused(.keep) == (trait != .refusedByEnd))
            let record = told(facts)
            #expect(record.isMalformed == (trait == .malformed))
            #expect(record.isConnection == (trait == .connection))
            #expect(record.hasGivenUp == (trait == .givenUp))
            #expect(record.bytesSent == (trait == .hasContent ? 5 : 15))
            #expect((record.refusal == .rate) == (trait != .refusedByEnd))
            let isBackend = facts.traits.contains(.backendMalformed)
            #expect(isBackend == (trait == .backendMalformed))
        }
    }

    @Test func `a status is told once all of its line has left`() {
        let status: RecordStatus = 204
        var facts = made()
        #expect(!facts.isAnswered)
        facts.answers(status, within: 17)
        #expect(facts.isAnswered && told(facts).status == nil)
        facts.leftHead(16)
        #expect(told(facts).status == nil)
        facts.leftHead(1)
        #expect(told(facts).status == status)
    }

    @Test func `an answer may promise nothing, and that is a promise`() {
        var facts = made()
        #expect(told(facts).bytesPromised == nil)
        for promised in [0, 1, nil] {
            facts.promised = promised
            #expect(facts.promised == promised && told(facts).bytesPromised == promised)
        }
    }

    @Test func `so many toxics are told, and one that was met before needs no place`() {
        var facts = made()
        for number in 0..<ExchangeFacts.maximumFaults {
            let isTold = facts.meet([SampleRecords.latency(1, name: "\(number)")])
            #expect(isTold)
        }
        let isTwiceTold = facts.meet([SampleRecords.latency(2, name: "0")])
        let isOneMoreTold = facts.meet([SampleRecords.latency(1, name: "more")])
        #expect(isTwiceTold && !isOneMoreTold)
        #expect(facts.faults.count == 256 && told(facts).faults.count == 256)
    }
}
