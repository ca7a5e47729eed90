import ChaosProxy
import Charfinder
import EventLoop
import HTTPWire

/// What stands behind the proxies of charfinder, in all worlds of a process: one index, the site,
/// and a server of lines on a port that only the proxies know. Loop thread only.
final class CharfinderService {
    private let index: CharacterIndex
    private let rows: RowTurns
    private let site: CharfinderSite
    private let edition: CharfinderEdition
    private let loop: EventLoop
    private let budget: ConnectionLimit
    private let onTrouble: (EventLoopError) -> Void
    private var listener: Listener?
    private var sessions: [ObjectIdentifier: CharfinderSession] = [:]

    /// How the site is called where others have an address.
    static let siteText = "characters"

    /// - Parameters:
    ///   - extraFields: of every answer of the site (CORS).
    ///   - budget: how many connections there may be.
    ///   - onTrouble: hears why nobody is accepted for now, or a session has failed.
    init(
        _ edition: CharfinderEdition, extraFields: [HTTPField], budget: ConnectionLimit,
        on loop: EventLoop, onTrouble: @escaping (EventLoopError) -> Void = { _ in }
    ) {
        let turns = LoopTurns(on: loop)
        index = CharacterIndex(turns: turns.add)
        rows = RowTurns(turns: turns.add)
        site = CharfinderSite(index, extraFields: extraFields, rows: rows, turns: turns.add)
        (self.edition, self.budget, self.loop) = (edition, budget, loop)
        self.onTrouble = onTrouble
    }

    /// - Throws: `EventLoopError` if there is no port for the server of lines.
    func upstream(of server: CharfinderServer) throws(EventLoopError) -> Upstream? {
        switch server {
        case .http: .site(site.answer)
        case .tcp: Backend("\(try address())").map(Upstream.address)
        }
    }

    private func address() throws(EventLoopError) -> SocketAddress {
        if let listener { return listener.address }
        let made = try listen()
        made.onTrouble = onTrouble
        made.onAccept = { [unowned self] descriptor, _ in accept(descriptor) }
        listener = made
        return made.address
    }

    /// On a machine without IPv4, on IPv6.
    private func listen() throws(EventLoopError) -> Listener {
        let addresses = ListenAddress(.loopbacks, port: 0).addresses
        do throws(EventLoopError) {
            return try Listener(addresses[0], limits: [budget], on: loop)
        } catch {
            guard let other = addresses.last else { throw error }
            return try Listener(other, limits: [budget], on: loop)
        }
    }

    private func accept(_ descriptor: Int32) {
        let connection = Connection(descriptor: descriptor, on: loop)
        let session = CharfinderSession(
            connection, CharfinderDialogue(edition, index), index, rows
        ) { [unowned self] session, ending in
            if case .failed(let error) = ending {
                onTrouble(EventLoopError("a session of charfinder", errno: error))
            }
            sessions[ObjectIdentifier(session)] = nil
            budget.leave()
        }
        sessions[ObjectIdentifier(session)] = session
        session.begin()
    }
}
