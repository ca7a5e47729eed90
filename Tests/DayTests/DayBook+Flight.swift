import Faults
import Records
import TestSupport

@testable import ChaosProxy

// What was under way at once at a server, by the times of its records.
extension DayBook {
    // MARK: What was under way at once

    /// When each of some exchanges began, and when it was over.
    private struct Spans {
        private let begins: [UInt64]
        private let ends: [UInt64]

        init(
            _ records: [ExchangeRecord], _ book: DayBook, begin: (ExchangeRecord) -> UInt64
        ) {
            begins = records.map(begin).sorted()
            ends = records.map(book.end).sorted()
        }

        /// Without those that began or ended in that very instant.
        func least(at time: UInt64) -> Int {
            Self.count(begins, below: time) - Self.count(ends, below: time + 1)
        }

        /// With them.
        func most(from start: UInt64, to end: UInt64) -> Int {
            Self.count(begins, below: end + 1) - Self.count(ends, below: start)
        }

        func ends(from start: UInt64, to end: UInt64) -> ArraySlice<UInt64> {
            ends[Self.count(ends, below: start + 1)..<Self.count(ends, below: end)]
        }

        /// How many of sorted instants lie before one.
        private static func count(_ times: [UInt64], below time: UInt64) -> Int {
            var (low, high) = (0, times.count)
            while low < high {
                let middle = (low + high) / 2
                if times[middle] < time { low = middle + 1 } else { high = middle }
            }
            return low
        }
    }

    func checkFlight(_ door: DayDoor) {
        let underWay = door.records.filter(wasUnderWay)
        let sure = Spans(underWay.filter { !isDoubtful($0, door) }, self, begin: begin)
        let all = Spans(underWay, self, begin: earliest)
        var (least, most) = (0, 0)
        for record in underWay {
            let begin = begin(record)
            // What began or ended in this very callback may count or not.
            let earliest = earliest(record)
            let low = earliest < begin ? 1 : sure.least(at: begin) + 1
            let high = all.most(from: earliest, to: begin)
            most = max(most, high)
            if isDoubtful(record, door) { continue }
            least = max(least, low)
            if record.inFlight < low || record.inFlight > high {
                wrong(record, "in flight", "\(record.inFlight), not \(low)...\(high)")
            }
            let maximum = door.limits(at: begin).maxConcurrency
            if let maximum, record.inFlight > maximum || low > maximum {
                wrong(record, "limit", "\(record.inFlight) of \(maximum)")
            }
        }
        checkWaits(door, all)
        checkClients(door, underWay)
        guard let totals = door.totals else { return }
        if totals.peak < least || totals.peak > most {
            wrong(door, "peak", "\(totals.peak), not \(least)...\(most)")
        }
    }

    /// Nobody waits while there is room, nobody for too long, and the first comes first.
    private func checkWaits(_ door: DayDoor, _ spans: Spans) {
        var last: (came: UInt64, begin: UInt64)?
        for record in door.records where record.queued > 0 {
            let (came, begin) = (came(record), begin(record))
            if record.queued > 32_000_000_000 {
                wrong(record, "waits too long", "\(record.queued)")
            }
            guard wasUnderWay(record) else { continue }
            let limits = door.limits(at: came)
            guard door.limits(at: begin) == limits, let maximum = limits.maxConcurrency,
                limits.maxConcurrencyPerClient == nil
            else { continue }
            // Who has a place may not take it before its client takes what it had.
            guard !isSlow(door, from: came, to: begin) else { continue }
            // All who left while it waited have made room for somebody.
            for end in spans.ends(from: came, to: begin) where begin - end > 1_000_000 {
                let there = spans.most(from: end + 1_000_000, to: end + 1_000_000)
                if there < maximum { wrong(record, "waits for nothing", "\(there) at \(end)") }
            }
            if let last, last.came < came, last.begin > begin {
                wrong(record, "overtakes", "\(last)")
            }
            last = (came, begin)
        }
    }

    /// Whether a slow client was there which had asked for much at once.
    private func isSlow(_ door: DayDoor, from start: UInt64, to end: UInt64) -> Bool {
        door.visits.contains { visit in
            visit.errand.pace != nil && visit.errand.isPipelined
                && visit.joined ?? .max <= end && visit.left ?? .max >= start
        }
    }

    private func checkClients(_ door: DayDoor, _ underWay: [ExchangeRecord]) {
        let byClient = Dictionary(grouping: underWay) { $0.client?.with(port: 0) }
        for records in byClient.values {
            let spans = Spans(records.filter { !isDoubtful($0, door) }, self, begin: begin)
            for record in records where !isDoubtful(record, door) {
                let begin = begin(record)
                let limits = door.limits(at: begin)
                guard let maximum = limits.maxConcurrencyPerClient else { continue }
                let low = spans.least(at: begin) + 1
                if low > maximum { wrong(record, "limit of a client", "\(low) of \(maximum)") }
            }
        }
    }
}
