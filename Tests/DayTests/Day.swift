import EventLoop
import Records
import TestSupport

@testable import ChaosProxy
@testable import flagserver

/// A day of a town, from one seed: 86 400 seconds on a clock of its own, with hours in which all
/// come at once.
final class Day {
    /// In seconds.
    static let length: UInt64 = 86_400
    private static let second: UInt64 = 1_000_000_000
    private static let visitCount = 1_500
    private static let deedCount = 260
    private static let rushCount = 40
    private static let people = 40

    let seed: UInt64
    let town: DayTown
    let mayor: DayMayor
    private var random: TestGenerator
    private let addresses: [SocketAddress]

    init(seed: UInt64) throws {
        self.seed = seed
        random = TestGenerator(seed: SeededNumbers.mixed(seed, 1))
        let chance = SeededNumbers(SeededNumbers.mixed(seed, 2))
        town = try DayTown(seed: seed) { chance.next(below: $0) }
        mayor = try DayMayor(town, seed: SeededNumbers.mixed(seed, 3))
        addresses = (1...Self.people).compactMap {
            SocketAddress(host: "198.51.100.\($0)", port: 0)
        }
    }

    /// - Returns: what is wrong, the first of each kind.
    func run() -> DayReport {
        plan()
        let streets = town.streets
        streets.run(until: DayStreets.start + Self.length * Self.second)
        mayor.goes()
        streets.doing { town.supervisor.stop() }
        streets.run(until: streets.now + 60 * Self.second)
        town.closes()
        town.book.closeVisits()
        town.book.closeDoors()
        return DayReport(seed: seed, town.book, mayor.deeds)
    }

    /// Puts down who comes when, and when something changes.
    private func plan() {
        let end = DayStreets.start + Self.length * Self.second
        let last = end - 4 * Self.second
        town.streets.at(last) { [unowned self] in mayor.silences() }
        let rushes = [last] + (1..<Self.rushCount).map { _ in time(before: end) }
        for number in 0..<Self.visitCount {
            let isHasty = random.next(below: 4) > 0
            let time = isHasty ? near(random.element(of: rushes)) : time(before: end)
            let address = addresses[random.next(below: Self.people)]
            let seed = random.next() | 1
            town.streets.at(time) { [unowned self] in
                comes(number, from: address, seed, isHasty: isHasty)
            }
        }
        for _ in 0..<Self.deedCount {
            let isHasty = random.next(below: 3) > 0
            let time =
                isHasty ? near(random.element(of: Array(rushes[1...]))) : time(before: last)
            town.streets.at(time) { [unowned self] in mayor.acts() }
        }
    }

    private func time(before end: UInt64) -> UInt64 {
        let span = Int((end - DayStreets.start) / 1_000)
        return DayStreets.start + UInt64(random.next(below: span)) * 1_000
    }

    private func near(_ rush: UInt64) -> UInt64 {
        rush + UInt64(random.next(below: 3_000_000)) * 1_000
    }

    private func comes(_ number: Int, from address: SocketAddress, _ seed: UInt64, isHasty: Bool) {
        var random = TestGenerator(seed: seed)
        let door = random.element(of: town.open)
        let errand = DayErrand(door.kind, &random, isHasty: isHasty)
        let peer = address.with(port: UInt16(1024 + number))
        town.comes(DayVisit(number, door, errand, from: peer, town.streets))
    }
}

/// Chance for whoever asks when something happens: in the order of asking.
final class SeededNumbers {
    private var generator: TestGenerator

    init(_ seed: UInt64) { generator = TestGenerator(seed: seed) }

    func next(below bound: Int) -> Int { generator.next(below: bound) }

    /// Another seed for another use; never 0.
    static func mixed(_ seed: UInt64, _ use: UInt64) -> UInt64 {
        var generator = TestGenerator(seed: (seed &+ 1) &* 0x9e37_79b9_7f4a_7c15 &+ use | 1)
        _ = generator.next()
        return generator.next() | 1
    }
}

/// How a day went.
struct DayReport {
    let seed: UInt64
    /// All records as lines.
    let journal: [UInt8]
    let records: Int
    let visits: Int
    let deeds: [String]
    let wrongs: [String]

    init(seed: UInt64, _ book: DayBook, _ deeds: [String]) {
        (self.seed, journal, self.deeds) = (seed, book.journal, deeds)
        (records, visits) = (book.recordCount, book.visits.count)
        wrongs = book.wrongs.sorted { $0.key < $1.key }.map { check, what in
            "\(check) (\(what.count)): \(what.first)"
        }
    }
}
