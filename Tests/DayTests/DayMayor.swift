import Faults
import Foundation
import HTTPWire
import TestSupport

@testable import ChaosProxy
@testable import flagserver

/// Changes everything while the town lives: toxics, limits, proxies, worlds.
final class DayMayor {
    private let town: DayTown
    private var random: TestGenerator
    private var worlds: [String] = []
    private var hasGone = false
    /// What was done, for the book of the day.
    private(set) var deeds: [String] = []

    private static let millisecond: UInt64 = 1_000_000

    init(_ town: DayTown, seed: UInt64) throws {
        (self.town, random) = (town, TestGenerator(seed: seed))
        try create("harbour", .http, port: 81)
        try create("quay", .tcp, port: 82)
    }

    private var registry: ProxyRegistry { town.supervisor.registry }
    private var now: UInt64 { town.streets.now }

    private func create(_ name: String, _ kind: DayDoor.Kind, port: UInt16) throws {
        try registry.create(
            ProxySpecification(
                name: name, listen: "127.77.0.1:0", upstream: "192.0.2.1:\(port)",
                protocol: kind == .http ? .http : .tcp))
        town.add(name, kind, of: nil, town.supervisor.environment.seed, registry)
    }

    // MARK: Deeds

    /// One of them, whichever it is.
    func acts() {
        guard !hasGone else { return }
        town.streets.doing {
            do {
                switch random.next(below: 20) {
                case 0..<7: try setToxics()
                case 7..<11: try setLimits()
                case 11..<13: try toggle()
                case 13..<16: try makeWorld()
                case 16..<18: try endWorld()
                case 18: try redirect()
                default: try reset()
                }
            } catch {
                town.book.wrong("mayor", "\(error)")
            }
        }
    }

    private func note(_ words: String) {
        deeds.append("\(now) \(words)")
    }

    private func setToxics() throws {
        let door = random.element(of: town.open)
        guard let found = door.registry[door.name] else { return }
        let toxics = random.next(below: 3) == 0 ? [] : DayToxics.draw(door.kind, &random)
        note("\(door.words) \(toxics.map(\.name))")
        door.has(toxics, since: now)
        try door.registry.set(toxics: toxics, of: found)
    }

    private func setLimits() throws {
        let door = random.element(of: town.open)
        var changes = RequestLimits.Changes()
        let over: [RequestLimits.OverLimit?] = [.respond(503), .respond(429), .queue, .queue, nil]
        changes.overLimit = .some(random.element(of: over + [.close]))
        changes.maxConnections = .some(
            random.next(below: 3) == 0 ? 1 + random.next(below: 3) : nil)
        if door.kind != .tcp {
            changes.maxConcurrency = .some(
                random.next(below: 4) > 0 ? 1 + random.next(below: 5) : nil)
            changes.maxConcurrencyPerClient = .some(
                random.next(below: 4) == 0 ? 1 + random.next(below: 2) : nil)
            changes.rate = .some(random.next(below: 6) == 0 ? 4 : nil)
        }
        guard let before = door.proxy?.requestLimits else { return }
        let limits = before.applying(changes)
        note("\(door.words) \(limits)")
        door.has(limits, since: now)
        var all = ProxyChanges()
        all.limits = changes
        try door.registry.update(door.name, all)
    }

    /// Ends all connections, and takes none for a moment.
    private func toggle() throws {
        let name = random.element(of: ["harbour", "quay", "local"])
        guard registry[name]?.isEnabled == true else { return }
        note("\(name) off")
        try registry.update(name, ProxyChanges(isEnabled: false))
        for door in town.doors where door.world == nil && door.name == name {
            town.book.closes(door)
        }
        town.streets.after(UInt64(random.next(below: 800)) * Self.millisecond) { [self] in
            town.streets.doing {
                do throws(ProxyError) {
                    try registry.update(name, ProxyChanges(isEnabled: true))
                } catch {
                    town.book.wrong("mayor", "\(error)")
                }
            }
        }
    }

    private func redirect() throws {
        let upstream = "192.0.2.\(1 + random.next(below: 9)):81"
        note("harbour to \(upstream)")
        if random.next(below: 2) == 0 {
            try registry.redirect("harbour", to: upstream)
        } else {
            try registry.update("harbour", ProxyChanges(upstream: upstream))
        }
    }

    private func reset() throws {
        note("reset")
        for door in town.doors where door.world == nil {
            guard let found = registry[door.name] else { continue }
            door.has(found.initialToxics, since: now)
            door.has(found.initialLimits, since: now)
            door.restarts(at: now)
        }
        try registry.reset()
    }

    private func makeWorld() throws {
        guard worlds.count < 5 else { return try endWorld() }
        // Reading a body costs more than all the world does afterwards.
        guard random.next(below: 8) == 0 else { return try makeWorld("", seed: nil) }
        let seed = UInt64(random.next(below: 1 << 30))
        let ttl = 30 + random.next(below: 300)
        try makeWorld(
            "{\"seed\": \(seed), \"ttl\": \"\(ttl)s\", \"ring\": 40, "
                + "\"error-rate\": 0.5, \"delay\": \"0.05\"}", seed: seed)
    }

    /// - Parameter seed: nil: the town's.
    private func makeWorld(_ body: String, seed: UInt64?) throws {
        let answer = Data(try town.worlds.make(Array(body.utf8)).utf8)
        let object = try JSONSerialization.jsonObject(with: answer) as? [String: Any]
        guard let name = object?["name"] as? String else {
            return town.book.wrong("world without a name", "\(answer)")
        }
        note("world \(name)")
        worlds.append(name)
        town.openWorld(name, seed: seed ?? town.supervisor.environment.seed)
    }

    /// From now on nobody is answered: whoever comes is there when the day ends.
    func silences() {
        town.streets.doing {
            do throws(ProxyError) {
                for door in town.open where door.world == nil {
                    guard let found = door.registry[door.name] else { continue }
                    let silence = Toxic(.timeout(Timeout(timeout: 0)), stream: .downstream)
                    door.has([silence], since: now)
                    try door.registry.set(toxics: [silence], of: found)
                    door.has(RequestLimits(), since: now)
                    found.proxy.set(limits: RequestLimits())
                }
            } catch {
                town.book.wrong("mayor", "\(error)")
            }
        }
    }

    /// Ends what would last longer than the day.
    func goes() {
        hasGone = true
        town.streets.doing {
            do {
                while !worlds.isEmpty { try endWorld() }
            } catch {
                town.book.wrong("mayor", "\(error)")
            }
        }
    }

    private func endWorld() throws {
        guard let name = worlds.first else { return }
        worlds.removeFirst()
        town.closeWorld(name)
        // It may have ended by itself.
        guard town.worlds.find(name) != nil else { return }
        note("end of \(name)")
        town.book.ends(world: name, try town.worlds.end(name))
        for door in town.doors where door.world == name { town.book.closes(door) }
    }
}
