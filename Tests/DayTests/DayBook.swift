import Foundation
import Records
import TestSupport

@testable import ChaosProxy
@testable import Faults
@testable import flagserver

/// The ledger of a town: what it has seen itself, against what is told of it.
final class DayBook {
    private let seed: UInt64
    private(set) var doors: [DayDoor] = []
    /// By the port of the client.
    private(set) var visits: [UInt16: DayVisit] = [:]
    private(set) var recordCount = 0
    /// All records as lines of the journal, one behind the other.
    private(set) var journal: [UInt8] = []
    private var line: JournalLine
    private var doorNumbers: [String: Int] = [:]
    /// What is wrong, the first of each kind, and how often it is.
    private(set) var wrongs: [String: (first: String, count: Int)] = [:]

    init(seed: UInt64) {
        self.seed = seed
        line = JournalLine(seed: seed)
    }

    func wrong(_ check: String, _ detail: @autoclosure () -> String) {
        if wrongs[check] == nil { wrongs[check] = (detail(), 0) }
        wrongs[check]?.count += 1
    }

    func wrong(_ door: DayDoor, _ check: String, _ detail: @autoclosure () -> String) {
        wrong(check, "\(door.words): \(detail())")
    }

    func wrong(_ record: ExchangeRecord, _ check: String, _ detail: @autoclosure () -> String) {
        wrong(
            check,
            "\(record.origin?.world ?? "")/\(record.proxy) \(record.connection)."
                + "\(record.exchange) \(record.method) \(record.target) from "
                + "\(record.client?.port ?? 0), attempt \(record.attempt ?? 0), status "
                + "\(record.status?.code ?? 0), \(record.bytesSent) of "
                + "\(record.bytesPromised ?? -1) bytes, \(record.ending.rawValue), "
                + "faults \(record.faults.map(\.toxic.name)), begun \(begin(record)), over "
                + "\(end(record)): \(detail())")
    }

    // MARK: What happens

    func opens(_ door: DayDoor) {
        doors.append(door)
        doorNumbers[door.words] = door.number
    }

    func comes(_ visit: DayVisit) {
        guard visits.updateValue(visit, forKey: visit.peer.port) == nil else { return }
        visit.door.visits.append(visit)
    }

    /// It takes nobody any more, and has ended all connections.
    func closes(_ door: DayDoor) {
        for visit in door.visits where visit.isThere {
            // Its end may be held back.
            let met = visit.records.flatMap(\.faults)
            if met.contains(where: { $0.toxic.fault.endDelay != nil }) { continue }
            wrong(door, "connections at its end", visit.words)
        }
    }

    func takes(_ record: ExchangeRecord) {
        recordCount += 1
        line.append(record, to: &journal)
        let world = record.origin?.world
        let words = (world.map { "\($0)/" } ?? "") + record.proxy
        guard let port = record.client?.port, let visit = visits[port],
            let number = doorNumbers[words]
        else { return wrong(record, "record of nobody", words) }
        guard visit.door === doors[number] else {
            return wrong(record, "record of another", "it was at \(visit.door.words)")
        }
        visit.records.append(record)
        visit.door.records.append(record)
    }

    /// - Parameter summary: what the end of a world tells.
    func ends(world: String, _ summary: String) {
        guard let tells = try? JSONSerialization.jsonObject(with: Data(summary.utf8)),
            let object = tells as? [String: Any], let totals = object["totals"] as? [String: Any],
            let records = object["records"] as? [[String: Any]]
        else { return wrong("summary of a world", summary) }
        let own = doors.filter { $0.world == world }
        let all = own.flatMap(\.records)
        if records.count != min(all.count, 20) {
            wrong("summary of a world", "\(records.count) records of \(all.count)")
        }
        for record in records where record["world"] as? String != world {
            wrong("record of another world", "\(world): \(record)")
        }
        for door in own {
            let told = (totals[door.name] as? [String: Any])?["requests"] as? Int
            let least = door.records.count { !$0.isMalformed }
            // What a slow client has not taken yet is not over.
            let most = door.visits.reduce(0) { $0 + $1.arrived }
            guard let told, told >= least, told <= most else {
                wrong(door, "summary of a world", "\(told ?? -1), not \(least)...\(most)")
                continue
            }
        }
    }

    // MARK: What a record says of time

    func end(_ record: ExchangeRecord) -> UInt64 {
        UInt64(record.time) - DayStreets.wallOffset
    }

    /// When its request had come, and when it had its place.
    func came(_ record: ExchangeRecord) -> UInt64 { end(record) - record.duration }
    func begin(_ record: ExchangeRecord) -> UInt64 { came(record) + record.queued }

    /// The same, or earlier: what brings content is under way before all of it has come.
    func earliest(_ record: ExchangeRecord) -> UInt64 {
        guard record.method == "POST", record.exchange > 0, let port = record.client?.port,
            let visit = visits[port], record.exchange <= visit.requests.count
        else { return begin(record) }
        let touched = visit.requests[Int(record.exchange) - 1].touched
        return min(touched ?? .max, begin(record))
    }

    /// Whether it was ever under way: it was let in, and did not leave while it waited.
    func wasUnderWay(_ record: ExchangeRecord) -> Bool {
        let hasLeft = record.queued > 0 && begin(record) == end(record) && record.bytesSent == 0
        return record.refusal == nil && !record.isMalformed && !hasLeft
    }

    /// Whether it may have been refused, which is not told of one that was sent away before its
    /// refusal could be.
    func isDoubtful(_ record: ExchangeRecord, _ door: DayDoor) -> Bool {
        guard record.ending != .keep, record.status == nil, record.attempt == nil else {
            return false
        }
        var limits = door.limits(at: came(record))
        limits.overLimit = nil
        return limits != RequestLimits()
    }
}
