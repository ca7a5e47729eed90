import Faults
import Records
import TestSupport

@testable import ChaosProxy

// What a server did all day, against its counters.
extension DayBook {
    func closeDoors() {
        for door in doors where door.totals == nil {
            // All of one world at once: each sum costs more than a door.
            for (name, counters) in door.registry.totals {
                doors.first { $0.registry === door.registry && $0.name == name }?.totals = counters
            }
        }
        for door in doors {
            checkFlight(door)
            checkAttempts(door)
            checkRate(door)
            checkCounters(door)
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

    // MARK: Rates

    /// A bucket of the town's own, filled again where the limits were set anew.
    private func checkRate(_ door: DayDoor) {
        // What brings content asks before all of it has come.
        guard door.kind == .site else { return }
        for (index, set) in door.limits.enumerated() {
            guard let rate = set.limits.rate else { continue }
            let end = index + 1 < door.limits.count ? door.limits[index + 1].since : .max
            let came = door.records.filter { record in
                let time = self.came(record)
                return time >= set.since && time < end && !record.isMalformed
                    && record.refusal != .maxConnections
            }
            // The limit may have stayed while others changed.
            let before = index > 0 ? door.limits[index - 1].limits.rate : nil
            guard before != rate else { continue }
            checkRate(came, rate, isSure: !came.contains { isDoubtful($0, door) })
        }
    }

    private func checkRate(_ records: [ExchangeRecord], _ rate: Double, isSure: Bool) {
        let room = max(1, rate)
        var (tokens, last) = (room, UInt64(0))
        let sorted = records.sorted {
            let (left, right) = (came($0), came($1))
            return left != right ? left < right : $0.exchange < $1.exchange
        }
        for record in sorted {
            let now = came(record)
            if last > 0 { tokens = min(room, tokens + Double(now - last) * rate / 1e9) }
            last = now
            if record.refusal == .rate {
                if isSure, tokens > 1.000_001 { wrong(record, "rate", "refused: \(tokens)") }
            } else {
                if isSure, tokens < 0.999_999 { wrong(record, "rate", "let in: \(tokens)") }
                tokens = max(tokens - 1, 0)
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
