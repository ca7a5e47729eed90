import ControlAPI
import EventLoop
import Faults
import FlagSite
import Foundation
import Records
import TestSupport

@testable import ChaosProxy
@testable import flagserver

/// The product, whole but for its sockets, its signals and its clock: the process's own world with
/// its flag servers and proxies, and the private worlds.
final class DayTown {
    let streets = DayStreets()
    let supervisor: Supervisor
    let main: FlagWorld
    let worlds: PrivateWorlds
    private(set) var doors: [DayDoor] = []
    private(set) var backends: [DayBackend] = []
    /// Those that may be visited now.
    var open: [DayDoor] { shown.filter { $0.proxy != nil } }
    private var shown: [DayDoor] = []
    /// How many descriptors there are for connections.
    let places: Int
    let book: DayBook
    private let site: FlagSite

    init(seed: UInt64, _ random: @escaping (Int) -> Int) throws {
        let settings = try Settings(
            try ServeOptions.parse([
                "--ports=local=0,delay=0,error=0,chaos=off,fault=off", "--bind=127.77.0.1",
                "--control=0", "--seed=\(seed)", "--quiet", "--delay=0.02..0.3",
            ]))
        let streets = streets
        var supervision = Supervisor.Options(seed: seed)
        (supervision.world, supervision.isQuiet) = (FlagWorld.options(settings), true)
        let supervisor = try Supervisor(
            supervision, streets.surroundings(try EventLoop()), log: { _ in })
        self.supervisor = supervisor
        let environment = supervisor.environment
        site = FlagSite(store: DayFiles.store(now: environment.date)) { environment.date }
        main = FlagWorld(settings, supervisor.world, journal: Journal(), site: site)
        // What ends its life is said to nobody.
        worlds = PrivateWorlds(
            settings, supervisor, site: site, log: LogWriter(descriptor: -1))
        places = Self.places(of: supervisor)
        book = DayBook(seed: seed)
        try open(settings)
        streets.connect = { [unowned self] in connect($0, $1, random) }
        streets.dialTime = { UInt64(random(3_000_000)) }
        supervisor.onSecond = { [worlds] in worlds.everySecond() }
        streets.everySecond = { [supervisor] in supervisor.everySecond() }
    }

    private func open(_ settings: Settings) throws {
        var access = APIOptions()
        access.worlds = worlds
        try main.open(access)
        let targets = Set(site.store.targets.map { SeededGenerator.hash($0.utf8) })
        main.use(targets: targets)
        worlds.targets = targets
        main.hear([{ [book] in book.takes($0) }])
        worlds.hearers = [{ [book] in book.takes($0) }]
        for name in ["local", "delay", "error"] {
            add(name, .site, of: nil, settings.seed, supervisor.registry)
        }
    }

    /// How many more descriptors could be taken.
    static func places(of supervisor: Supervisor) -> Int {
        var (low, high) = (0, 1 << 24)
        while low < high {
            let middle = (low + high + 1) / 2
            if supervisor.reserve(descriptors: middle) {
                supervisor.giveBack(descriptors: middle)
                low = middle
            } else {
                high = middle - 1
            }
        }
        return low
    }

    // MARK: Doors

    @discardableResult
    func add(
        _ name: String, _ kind: DayDoor.Kind, of world: String?, _ seed: UInt64,
        _ registry: ProxyRegistry
    ) -> DayDoor {
        let door = DayDoor(doors.count, name, kind, of: world, seed: seed, registry)
        if let proxy = door.proxy {
            door.has(proxy.toxics, since: streets.now)
            door.has(proxy.requestLimits, since: streets.now)
        }
        doors.append(door)
        shown.append(door)
        book.opens(door)
        return door
    }

    /// The newest world's doors.
    func openWorld(_ name: String, seed: UInt64) {
        let registry = supervisor.registry.all().last ?? supervisor.registry
        for server in ["local", "delay", "error"] { add(server, .site, of: name, seed, registry) }
    }

    func closeWorld(_ name: String) { shown.removeAll { $0.world == name } }

    // MARK: Who comes

    /// A client is at the door; if there is no room it waits.
    func comes(_ visit: DayVisit, tries: Int = 20) {
        guard let proxy = visit.door.proxy, let socket = visit.socket else { return }
        let door = visit.door
        let limits = door.limits(at: streets.now)
        let isFull = limits.maxConnections.map { door.connections >= $0 } ?? false
        let waits = limits.overLimit == nil || limits.overLimit == .queue
        visit.isSurplus = isFull && !waits
        book.comes(visit)
        var isTaken = false
        let count = door.connections + (visit.isSurplus ? 0 : 1)
        streets.doing {
            // From the first moment on: it may be sent away at once.
            door.connections = count
            isTaken = proxy.take(socket, from: visit.peer)
            if isTaken { visit.joins() }
        }
        if isTaken { door.peakConnections = max(door.peakConnections, count) }
        if !isTaken, !visit.isSurplus { door.connections -= 1 }
        if isTaken, isFull, waits { book.wrong(door, "connections", "one too many is let in") }
        let isAlways = door.kind == .site && proxy.isEnabled && !(isFull && waits)
        if !isTaken, isAlways { book.wrong(door, "connections", "one is kept out") }
        guard !isTaken, tries > 0 else { return }
        streets.after(100_000_000) { [unowned self] in
            if shown.contains(where: { $0 === door }) { comes(visit, tries: tries - 1) }
        }
    }

    private func connect(
        _ backend: Backend, _ proxy: Proxy, _ random: @escaping (Int) -> Int
    ) -> SimulatedSocket? {
        guard random(40) > 0, let door = doors.first(where: { $0.proxy === proxy }) else {
            return nil
        }
        let made = DayBackend(door, streets) { UInt64(random(30_000_000)) }
        backends.append(made)
        return made.socket
    }
}

// What is left at the end of a day: nothing.
extension DayTown {
    func closes() {
        func left(_ what: String, _ count: Int) {
            if count != 0 { book.wrong("left: \(what)", "\(count)") }
        }
        left("alarms", streets.alarmCount)
        left("held bytes", supervisor.environment.held.count)
        left("places", places - Self.places(of: supervisor))
        left("worlds", worlds.list.count)
        for registry in [supervisor.registry] + doors.map(\.registry) {
            for proxy in (registry.proxies + registry.deleted).map(\.proxy) {
                left("sessions", proxy.connectionCount)
                left("in flight", proxy.counters.inFlight)
                left("queue", proxy.queuedCount + proxy.queue.granted + proxy.queue.released.count)
                left("clients", proxy.clients.reduce(0) { $0 + $1.inFlight + $1.connections })
                left("busy", proxy.environment.busy.count)
                left("dialled", proxy.environment.dialled.count)
            }
        }
    }
}
