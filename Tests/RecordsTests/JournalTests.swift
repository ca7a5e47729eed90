import TestSupport
import Testing

@testable import Records

@Suite struct JournalTests {
    @Test func `an empty journal has nothing to read`() {
        let journal = Journal()
        #expect((journal.count, journal.newest, journal.forgotten(after: 0)) == (0, 0, 0))
        #expect(journal.capacity == 10_000 && journal.index(after: 0) == 0)
    }

    @Test func `the ring keeps the last ones`() {
        let journal = Journal(capacity: 4)
        for count in 1...11 {
            journal.append(served: 1)
            #expect(journal.count == min(count, 4) && journal.newest == UInt64(count))
            let oldest = max(1, count - 3)
            #expect(
                (0..<journal.count).map { journal[$0].sequence }
                    == (oldest...count).map(UInt64.init))
        }
    }

    @Test func `a cursor finds what comes after it`() {
        let journal = Journal(capacity: 4)
        journal.append(served: 11)
        for (cursor, index) in [(0, 0), (7, 0), (8, 1), (10, 3), (11, 4), (99, 4)] {
            #expect(journal.index(after: UInt64(cursor)) == index)
        }
    }

    @Test func `what has fallen out is counted from a cursor on`() {
        let journal = Journal(capacity: 4)
        journal.append(served: 4)
        #expect(journal.forgotten(after: 0) == 0)
        journal.append(served: 7)
        #expect([0, 3, 6, 7, 11].map { journal.forgotten(after: $0) } == [7, 4, 1, 0, 0])
        let lastForgotten = SampleRecords.served(7).time
        #expect(journal.forgotten(since: lastForgotten) == 0)
        #expect(journal.forgotten(since: lastForgotten - 1) == 1)
        #expect(journal.forgotten(since: SampleRecords.served(0).time) == 7)
    }

    @Test func `long targets leave room for fewer, and short ones get it back`() {
        let journal = Journal(capacity: 4000)
        var record = SampleRecords.served(1)
        record.target = "/" + String(repeating: "x", count: 8191)
        for count in 1...5000 {
            record.sequence = UInt64(count)
            journal.append(record)
        }
        #expect(journal.count == Journal.standardText / 8192)
        #expect(journal.newest == 5000 && journal[0].sequence == 5001 - UInt64(journal.count))
        #expect(journal.forgotten(after: 0) == 5000 - UInt64(journal.count))
        record.target = "/"
        for count in 5001...9500 {
            record.sequence = UInt64(count)
            journal.append(record)
        }
        #expect(journal.count == 4000 && journal.newest == 9500)
        #expect((0..<4000).allSatisfy { journal[$0].sequence == UInt64(5501 + $0) })
    }

    @Test func `a reset forgets nothing and begins a count`() {
        let journal = Journal(capacity: 4)
        journal.append(served: 11)
        journal.reset()
        #expect((journal.count, journal.resetSequence) == (4, 11))
        #expect(journal.forgotten(after: journal.resetSequence) == 0)
        journal.append(served: 5)
        #expect(journal.forgotten(after: journal.resetSequence) == 1)
    }
}
