import ControlAPI
import Faults
import Records

/// The servers of one case, with what their record says. Loop thread only.
final class CaseWorld {
    /// Whose first path segment chooses the fault.
    static let server = FlagServer.fault

    private let ground: CaseGround
    private let flags: FlagWorld
    private(set) var records = CaseRecords()
    let wire: CaseWire
    private var isOpen = false

    /// Everything listens.
    ///
    /// - Parameters:
    ///   - toxics: on FAULT, as in `--toxic`, without the server's name.
    ///   - hear: gets every record, too.
    /// - Throws: `CommandLineError`.
    init(
        _ toxics: [String], _ ground: CaseGround, hear: ((ExchangeRecord) -> Void)? = nil
    ) throws {
        self.ground = ground
        wire = CaseWire(on: ground.supervisor.loop)
        flags = try ground.makeWorld(toxics)
        flags.hear([{ [weak self] in self?.records.note($0) }] + [hear].compactMap(\.self))
        flags.world.environment.onWire = { [wire] in wire.note($0) }
        do {
            try flags.open(APIOptions())
        } catch {
            ground.remove(flags)
            throw error
        }
        isOpen = true
    }

    deinit { close() }

    /// Ends all connections, and has their exchanges recorded.
    func close() {
        guard isOpen else { return }
        isOpen = false
        flags.world.close()
        ground.remove(flags)
    }

    /// Connections that came, whether a request came on them or not.
    var acceptedCount: Int { Int(clamping: flags.world.acceptedCount) }

    /// - Parameters:
    ///   - segment: the fault, as it stands in a URL.
    ///   - host: `127.0.0.1`, or the name that may mean IPv6.
    func url(_ segment: String, _ flag: CaseGround.Flag, host: String = "127.0.0.1") -> String {
        "http://\(host):\(port(of: Self.server))/\(segment)\(flag.path)"
    }

    /// The same on LOCAL.
    func elsewhere(_ flag: CaseGround.Flag) -> String {
        "http://127.0.0.1:\(port(of: .local))\(flag.path)"
    }

    private func port(of server: FlagServer) -> UInt16 {
        flags.places.first { $0.name == server.rawValue }?.port ?? 0
    }
}
