import ChaosProxy
import ControlAPI
import EventLoop
import Faults
import FlagSite
import Records

/// All private worlds of a daemon: makes them, ends them, and keeps what they have counted. Loop
/// thread only.
final class PrivateWorlds: WorldKeeper {
    static let maximumCount = 256
    /// What the rings of all may take together, in bytes.
    private static let maximumRings = 72 << 20
    /// Of the long targets in one ring.
    private static let ringText = 32 << 10

    /// All get the record of every exchange in a world that is made from now on.
    var hearers: [(ExchangeRecord) -> Void] = []
    /// What can be asked for, for the counts of attempts.
    var targets: Set<UInt64> = [] {
        didSet { for world in worlds { world.flags.use(targets: targets) } }
    }

    /// What a world has where it says nothing.
    var daemon: Settings
    private let supervisor: Supervisor
    private let site: FlagSite
    private let log: LogWriter
    private let ports: FreePorts
    /// nil: it is off.
    private let charfinder: CharfinderService?
    /// In the order in which they were made.
    private var worlds: [PrivateWorld] = []
    /// Their ports are closed, but not all of their connections.
    private var ending: [PrivateWorld] = []
    private var ended = EndedWorlds()
    private var madeCount = 0

    init(
        _ daemon: Settings, _ supervisor: Supervisor, site: FlagSite,
        charfinder: CharfinderService? = nil, log: LogWriter
    ) {
        self.charfinder = charfinder
        (self.daemon, self.supervisor, self.site, self.log) = (daemon, supervisor, site, log)
        ports = FreePorts(daemon.worldPorts)
    }

    var apis: [ControlAPI] { worlds.compactMap(\.flags.api) }

    /// Whether so many have ended that some are not told apart any more.
    var hasFolded: Bool { ended.hasFolded }

    /// What all have counted, those that have ended too.
    var figures: [Expectation.Figures] {
        (worlds + ending).flatMap(\.figures) + ended.figures
    }

    // MARK: Making

    func make(_ body: [UInt8]) throws(WorldRefusal) -> String {
        letGo()
        guard worlds.count < Self.maximumCount, ending.count < Self.maximumCount else {
            throw WorldRefusal(
                429,
                "there are \(Self.maximumCount) worlds, the most that there can be. "
                    + "DELETE /worlds/<name> ends one; GET /worlds lists them.")
        }
        let request = try request(body)
        let name = request.name ?? freeName()
        guard self[name] == nil else {
            throw WorldRefusal(
                409, "there is a world '\(name)' already. Choose another name, or leave it out.")
        }
        try checkRings(request.ring)
        let world = try open(name, request)
        worlds.append(world)
        return world.json
    }

    private func request(_ body: [UInt8]) throws(WorldRefusal) -> WorldRequest {
        do {
            return try WorldRequest(body, daemon: daemon)
        } catch {
            throw WorldRefusal(400, "\(error)")
        }
    }

    private func freeName() -> String {
        repeat { madeCount += 1 } while self["world-\(madeCount)"] != nil
        return "world-\(madeCount)"
    }

    private func checkRings(_ count: Int) throws(WorldRefusal) {
        func cost(_ count: Int) -> Int {
            count * ExchangeRecord.size + Self.ringText
        }
        let taken = worlds.reduce(0) { $0 + cost($1.flags.journal?.capacity ?? 0) }
        guard taken + cost(count) <= Self.maximumRings else {
            let room = max((Self.maximumRings - taken) / ExchangeRecord.size, 0)
            throw WorldRefusal(
                429,
                "the rings of all worlds together have room for about \(room) records more, "
                    + "not for \(count). Ask for a smaller ring, or end a world.")
        }
    }

    private func open(
        _ name: String, _ request: WorldRequest
    ) throws(WorldRefusal) -> PrivateWorld {
        let settings = request.settings
        // A name server listens for datagrams, too, and may send them from elsewhere.
        let names = settings.names == nil ? 0 : 3
        let servers =
            FlagServer.allCases.count { settings.ports[$0] != nil }
            + CharfinderServer.allCases.count { settings.charfinder?[$0] != nil } + names
        let descriptors =
            (servers + 1 + settings.proxies.count) * 2 + World.privateControlConnections
        guard supervisor.reserve(descriptors: descriptors) else {
            throw WorldRefusal(
                429,
                "the open-file limit leaves no room for a world. End one, or raise the limit "
                    + "with 'ulimit -n'.")
        }
        let world = supervisor.addWorld(FlagWorld.options(settings, name: name))
        let flags = FlagWorld(
            settings, world, journal: Journal(capacity: request.ring, text: Self.ringText),
            site: site, charfinder: charfinder, ports: ports)
        flags.hear(hearers)
        do {
            try flags.open(APIOptions())
        } catch {
            supervisor.remove(world)
            supervisor.giveBack(descriptors: descriptors)
            throw WorldRefusal(409, "\(error)")
        }
        flags.use(targets: targets)
        return PrivateWorld(
            name: name, flags: flags, ttl: request.ttl, descriptors: descriptors)
    }

    // MARK: Finding

    var list: [String] { worlds.map(\.json) }

    func find(_ name: String) -> String? { self[name]?.json }

    private subscript(name: String) -> PrivateWorld? {
        worlds.first { RecordFilter.isSame($0.name, name) }
    }

    // MARK: Ending

    func end(_ name: String) throws(WorldRefusal) -> String {
        guard let world = self[name] else {
            throw WorldRefusal(404, "there is no world '\(name)'. GET /worlds lists them.")
        }
        world.flags.world.close()
        let summary = world.summary
        end(world)
        return summary
    }

    private func end(_ world: PrivateWorld) {
        worlds.removeAll { $0 === world }
        world.hasEnded(hearers)
        supervisor.remove(world.flags.world)
        supervisor.giveBack(descriptors: world.descriptors)
        ending.append(world)
    }

    /// Ends those that nobody has asked for, and lets go of those that have ended.
    func everySecond() {
        for world in worlds where world.everySecond() {
            end(world)
            log.write(
                "note: world '\(world.name)' has ended: nobody had asked for it for "
                    + "\(Notation.readable(Nanoseconds(world.ttl) * 1_000_000_000))\n")
        }
        for world in ending { world.cutIfLate() }
        letGo()
    }

    /// Lets go of those that have ended and have no connections any more.
    private func letGo() {
        for world in ending where world.flags.world.connectionCount == 0 {
            ended.add(world.figures)
        }
        ending.removeAll { $0.flags.world.connectionCount == 0 }
    }
}
