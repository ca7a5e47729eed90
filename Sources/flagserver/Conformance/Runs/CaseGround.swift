import EventLoop
import Faults
import FlagSite
import Glibc
import HTTPWire

/// What all cases of a run have together: the loop, the flags, and the settings of their worlds.
/// Loop thread only.
final class CaseGround {
    /// Descriptors of a world that are not for connections: its listeners, two addresses each.
    static let descriptorsOfAWorld = 8

    let supervisor: Supervisor
    let site: FlagSite
    /// The flag that is downloaded, and the one of the second request.
    let (first, second): (Flag, Flag)
    let children: ChildProcesses
    /// Of every command.
    let environment = CommandEnvironment.variables(ChildProcess.inheritedEnvironment)
    /// Its soft limit of open descriptors.
    let openFiles: Int?
    /// Where fresh folders are made.
    let temporary: String
    private let options: ServeOptions
    private var worldCount = 0
    /// Closed, but not all of their connections have ended.
    private var ending: [FlagWorld] = []

    /// A file that can be asked for.
    struct Flag {
        /// `/flags/br/br.gif`
        let path: String
        let bytes: [UInt8]
    }

    /// - Parameters:
    ///   - openFiles: ours, before it was raised.
    /// - Throws: `CommandLineError` or `EventLoopError`.
    init(seed: UInt64, openFiles: Int?) throws {
        let folder = getenv("TMPDIR").map { String(cString: $0) } ?? ""
        (self.openFiles, temporary) = (openFiles, folder.isEmpty ? "/tmp" : folder)
        options = try Self.options(seed: seed)
        let settings = try Settings(options)
        var supervision = Supervisor.Options(seed: seed)
        (supervision.world, supervision.isQuiet) = (FlagWorld.options(settings), true)
        supervision.grace = 0
        supervisor = try Supervisor(supervision, log: { _ in })
        let environment = supervisor.environment
        let fixtures = try FixtureSource.builtIn.load(now: environment.date)
        site = FlagSite(store: fixtures.store, extraFields: []) { environment.date }
        (first, second) = (try Self.flag("br", fixtures.store), try Self.flag("cn", fixtures.store))
        children = ChildProcesses(on: supervisor.loop)
        supervisor.onSignal[SIGCHLD] = { [children] in children.look() }
    }

    private static func flag(_ code: String, _ store: FlagStore) throws -> Flag {
        let name = "\(code)/\(code).gif"
        guard let content = store.content(of: name), let memory = content.memory else {
            throw CommandLineError(.malformedFixtures, "the program lacks the flag '\(name)'.")
        }
        return Flag(path: "\(store.page)\(name)", bytes: Array(memory))
    }

    /// LOCAL and FAULT on free ports, and nothing else.
    private static func options(seed: UInt64) throws -> ServeOptions {
        let servers = FlagServer.allCases.map { server in
            let isOn = server == .local || server == CaseWorld.server
            return "\(server.rawValue)=\(isOn ? "0" : "off")"
        }
        return try ServeOptions.parse([
            "--ports=\(servers.joined(separator: ","))", "--control=off", "--seed=\(seed)",
            "--quiet",
        ])
    }

    /// A world with toxics on FAULT, in which nothing listens yet.
    ///
    /// - Parameter toxics: as in `--toxic`, without the server's name.
    /// - Throws: `CommandLineError`.
    func makeWorld(_ toxics: [String]) throws -> FlagWorld {
        var options = options
        // Where there is any toxic, all answers are heard.
        options.faults.toxic = (toxics + ["noop name=heard"]).map {
            "\(CaseWorld.server.rawValue):\($0)"
        }
        let settings = try Settings(options)
        guard supervisor.reserve(descriptors: Self.descriptorsOfAWorld) else {
            throw CommandLineError(
                .failure,
                "the open-file limit leaves no room for another server. Use fewer "
                    + "--jobs, or raise the limit with 'ulimit -n'.")
        }
        ending.removeAll { $0.world.connectionCount == 0 }
        worldCount += 1
        let name = "case-\(worldCount)"
        let world = supervisor.addWorld(FlagWorld.options(settings, name: name))
        return FlagWorld(settings, world, journal: nil, site: site)
    }

    func remove(_ flags: FlagWorld) {
        flags.world.cut()
        supervisor.remove(flags.world)
        supervisor.giveBack(descriptors: Self.descriptorsOfAWorld)
        ending.append(flags)
    }
}
