import Faults
import Records
import TestSupport

@testable import ChaosProxy

// What a server did all day, against its records and its counters.
extension DayBook {
    func closeDoors() {
        for door in doors {
            checkFlight(door)
            checkAttempts(door)
            checkCounters(door)
        }
    }

    // MARK: What was under way at once

    /// When each of some exchanges began, and when it was over.
    private struct Spans {
        private let begins: [UInt64]
        private let ends: [UInt64]

        init(_ records: [ExchangeRecord], _ book: DayBook) {
            begins = records.map(book.begin).sorted()
            ends = records.map(book.end).sorted()
        }

        /// Without those that began or ended in that very instant.
        func least(at time: UInt64) -> Int {
            Self.count(begins, below: time) - Self.count(ends, below: time + 1)
        }

        /// With them.
        func most(at time: UInt64) -> Int {
            Self.count(begins, below: time + 1) - Self.count(ends, below: time)
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

    private func checkFlight(_ door: DayDoor) {
        let underWay = door.records.filter(wasUnderWay)
        let (sure, all) = (Spans(underWay.filter { !isDoubtful($0, door) }, self), Spans(underWay, self))
        var (least, most) = (0, 0)
        for record in underWay where !isDoubtful(record, door) {
            let begin = begin(record)
            // What began or ended in this very callback may count or not.
            let low = sure.least(at: begin) + 1
            let high = all.most(at: begin)
            (least, most) = (max(least, low), max(most, high))
            if record.inFlight < low || record.inFlight > high {
                wrong(record, "in flight", "\(record.inFlight), not \(low)...\(high)")
            }
            let maximum = door.limits(at: begin).maxConcurrency
            if let maximum, record.inFlight > maximum || low > maximum {
                wrong(record, "limit", "\(record.inFlight) of \(maximum)")
            }
        }
        checkWaits(door, sure)
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
            if record.queued > 32_000_000_000 { wrong(record, "waits too long", "\(record.queued)") }
            guard wasUnderWay(record) else { continue }
            let limits = door.limits(at: came)
            guard door.limits(at: begin) == limits, let maximum = limits.maxConcurrency,
                limits.maxConcurrencyPerClient == nil
            else { continue }
            // All who left while it waited have made room for somebody.
            for end in spans.ends(from: came, to: begin) where begin - end > 1_000_000 {
                let there = spans.least(at: end + 1_000_000)
                if there < maximum { wrong(record, "waits for nothing", "\(there) at \(end)") }
            }
            if let last, last.came < came, last.begin > begin {
                wrong(record, "overtakes", "\(last)")
            }
            last = (came, begin)
        }
    }

    private func checkClients(_ door: DayDoor, _ underWay: [ExchangeRecord]) {
        let byClient = Dictionary(grouping: underWay) { $0.client?.with(port: 0) }
        for records in byClient.values {
            let spans = Spans(records.filter { !isDoubtful($0, door) }, self)
            for record in records where !isDoubtful(record, door) {
                let begin = begin(record)
                let limits = door.limits(at: begin)
                guard let maximum = limits.maxConcurrencyPerClient else { continue }
                let low = spans.least(at: begin) + 1
                if low > maximum { wrong(record, "limit of a client", "\(low) of \(maximum)") }
            }
        }
    }

    // MARK: Attempts

    /// Each target is asked for the first, the second, the third time, in the order of coming, and
    /// from the first again behind a reset.
    private func checkAttempts(_ door: DayDoor) {
        let counted = door.records.filter { $0.attempt != nil }
        for (target, records) in Dictionary(grouping: counted, by: \.target) {
            let sorted = records.sorted {
                let (left, right) = (begin($0), begin($1))
                return left != right ? left < right : $0.exchange < $1.exchange
            }
            var (epoch, count) = (-1, UInt32(0))
            for record in sorted {
                let begin = begin(record)
                let own = door.epoch(at: begin)
                if own != epoch { (epoch, count) = (own, 0) }
                count += 1
                guard record.attempt != count else { continue }
                wrong(record, "attempt", "not \(count) at \(target)")
                break
            }
        }
    }

    // MARK: Counters

    private func checkCounters(_ door: DayDoor) {
        guard let totals = door.totals else { return }
        func check(_ name: String, _ told: UInt64, _ seen: some BinaryInteger) {
            if told != UInt64(seen) { wrong(door, "counter \(name)", "\(told), not \(seen)") }
        }
        let records = door.records
        check("requests", totals.requests, records.count { !$0.isMalformed })
        check("malformed", totals.malformed, records.count { $0.isMalformed })
        check("refused", totals.refused, records.count { $0.refusal != nil })
        check("injected", totals.injected, records.count { $0.isInjected })
        check("records", totals.recorded.count, records.count)
        check("gave up", totals.recorded.gaveUp, records.count { $0.hasGivenUp })
        for (status, count) in totals.recorded.statuses {
            check("status", count, records.count { $0.status == status })
        }
        check("in flight", UInt64(totals.inFlight), 0)
        check("connections", UInt64(totals.connections), 0)
        check("peak of connections", UInt64(totals.peakConnections), door.peakConnections)
        check("received", totals.receivedUpstream, door.received)
        check("sent", totals.sentDownstream, door.sent)
        if door.kind != .site {
            check("from backends", totals.receivedDownstream, door.receivedFromBackends)
            check("to backends", totals.sentUpstream, door.sentToBackends)
        }
    }
}

extension DayDoor {
    /// What was counted here since the start.
    var totals: ProxyCounters? { registry.totals.first { $0.name == name }?.counters }
}
