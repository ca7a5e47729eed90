import EventLoop
import Faults
import HTTPWire
import Records
import TestSupport

@testable import ChaosProxy

/// A proxy with its clients and backends, on a clock that stands still until it is told to go on.
final class WitnessTown {
    static let start: UInt64 = 1_000_000_000_000

    let clock = ManualClock(start)
    let environment: ProxyEnvironment
    let proxy: Proxy
    let ledger: WitnessLedger
    private(set) var clients: [WitnessClient] = []
    private(set) var backends: [WitnessBackend] = []
    /// Whose callback is under way: what is dialed is dialed for it.
    private var current: WitnessClient?
    private let office = Office()
    private(set) var peakConnections = 0...0
    var dialsAtOnce = true
    /// Hears that nothing more happens in this instant.
    var onSettled: () -> Void = {}

    /// What outlives no town: callbacks of the product hold it, and not the town.
    private final class Office {
        var later: [() -> Void] = []
        var dials: [(client: WitnessClient, attempt: () -> Attempt?)] = []
        weak var town: WitnessTown?
    }

    private final class Attempt {
        let completion: (Result<AnyObject, DialError>) -> Void

        init(_ completion: @escaping (Result<AnyObject, DialError>) -> Void) {
            self.completion = completion
        }
    }

    init(
        _ kind: ProxyProtocol, isSite: Bool, _ toxics: [Toxic], _ limits: RequestLimits,
        _ twins: WitnessTwins
    ) throws {
        let (clock, office) = (clock, office)
        let ledger = WitnessLedger(clock, kind, isSite: isSite, toxics, limits, twins)
        self.ledger = ledger
        environment = ProxyEnvironment(date: SessionHarness.date, seed: 42) { clock.instant }
        guard let backend = Backend("127.0.0.1:9") else { throw DialError("no backend") }
        proxy = Proxy(
            name: "test", protocol: kind,
            upstream: isSite
                ? .site { ledger.asked(String(view: $0.target)) } : .address(backend),
            toxics: toxics, environment: environment, requestLimits: limits)
        environment.onRecord = { ledger.takes($0) }
        office.town = self
        environment.dial = { _, _, completion in
            let attempt = Attempt(completion)
            if let client = office.town?.current {
                office.dials.append((client, { [weak attempt] in attempt }))
            }
            return attempt
        }
    }

    // MARK: Who comes

    static let otherProxy = "other"

    @discardableResult
    func join(via: WitnessClient.Via? = nil) -> WitnessClient {
        let socket = socket()
        let peer = SocketAddress(host: "127.0.0.1", port: UInt16(10_000 + clients.count))
        socket.peer = peer
        if let via, let peer {
            environment.dialled[peer] = (Self.otherProxy, via == .counted, 0)
        }
        let client = WitnessClient(clients.count, socket, via: via)
        socket.onEvent = { [ledger, unowned client] in ledger.saw($0, at: client) }
        doing(for: client) { begin(client) }
        settle()
        return client
    }

    private func begin(_ client: WitnessClient) {
        let before = connections
        if proxy.upstream.isSite {
            let session = SiteSession(stream: client.socket, proxy: proxy)
            seat(client, session, before)
        } else {
            let session = RelaySession(stream: client.socket, proxy: proxy)
            seat(client, session, before)
            session.begin()
        }
    }

    /// - Parameter others: how many connections there were before.
    private func seat(_ client: WitnessClient, _ session: Session, _ others: ClosedRange<Int>) {
        client.session = session
        client.isSurplus = session.standing.contains(.surplus)
        let maximum = ledger.limits.maxConnections ?? .max
        let isLetIn = !client.isSurplus && client.isCounted
        if others.lowerBound >= maximum, isLetIn { ledger.wrong("surplus", "let in") }
        if !client.isCounted, client.isSurplus { ledger.wrong("surplus", "counted elsewhere") }
        let more = isLetIn ? 1 : 0
        peakConnections =
            max(
                peakConnections.lowerBound, others.lowerBound + more)...max(
                peakConnections.upperBound, others.upperBound + more)
        if others.upperBound < maximum, client.isSurplus { ledger.wrong("surplus", "kept out") }
        clients.append(client)
        client.socket.start(session)
        ledger.joins(client)
    }

    private func socket() -> SimulatedSocket {
        let socket = SimulatedSocket(clock)
        socket.afterCallback = { [office] in office.later.append($0) }
        return socket
    }

    /// How many connections of clients there are: those whose FIN we have sent may be counted or
    /// not while the kernel still has them.
    var connections: ClosedRange<Int> {
        let counted = clients.filter { client in
            let isSlow = client.exchanges.contains { each in
                each.met.contains { WitnessActs.manner($0.toxic.fault) == .holdsEnd }
            }
            return client.isCounted && !client.isSurplus && !client.isReleased
                && (!client.isGone || isSlow)
        }
        return counted.count { !$0.hasFin && !$0.isGone }...max(counted.count, 0)
    }

    // MARK: What goes on

    func doing(for client: WitnessClient, _ body: () -> Void) {
        current = client
        body()
        while !office.later.isEmpty { office.later.removeFirst()() }
        current = nil
    }

    /// The backend is there, or refuses.
    func connect(_ client: WitnessClient, refused: Bool = false) {
        guard let place = office.dials.firstIndex(where: { $0.client === client }) else { return }
        guard let attempt = office.dials.remove(at: place).attempt() else { return }
        if refused {
            // Every other one has accepted, and its RST is there before anybody looks.
            let resets = client.number % 2 == 1
            let what = resets ? "reset by peer" : "refused"
            ledger.log?("  backend of \(client.number): \(what)")
            ledger.backendEnded(client, resets ? .backendRST : .backendRefused)
            let error = DialError("connect 127.0.0.1:9: Connection \(what)", isReset: resets)
            return doing(for: client) { attempt.completion(.failure(error)) }
        }
        let socket = socket()
        let backend = WitnessBackend(socket, for: client)
        socket.onEvent = { [ledger, unowned backend] in ledger.saw($0, at: backend) }
        backends.append(backend)
        client.backends.append(backend)
        client.backendEnd = nil
        doing(for: client) { attempt.completion(.success(socket)) }
        ledger.goesOn(client)
    }

    func isDialing(_ client: WitnessClient) -> Bool {
        office.dials.contains { $0.client === client && $0.attempt() != nil }
    }

    /// Lets everything be read that may be, and everything happen that is due.
    func settle() {
        var rounds = 0
        while turn() {
            rounds += 1
            guard rounds < 2000 else { return ledger.wrong("spins", "in one instant") }
        }
        ledger.settles()
        onSettled()
    }

    private func turn() -> Bool {
        var isBusy = false
        if dialsAtOnce {
            for dial in office.dials {
                isBusy = true
                connect(dial.client)
            }
        }
        for client in clients { if serves(client, client.socket) { isBusy = true } }
        for backend in backends where serves(backend.client, backend.socket) { isBusy = true }
        return isBusy
    }

    /// One turn of a socket.
    private func serves(_ client: WitnessClient, _ socket: SimulatedSocket) -> Bool {
        guard socket.isOpen else { return false }
        var isBusy = false
        if socket.hasIncoming { doing(for: client) { isBusy = socket.deliver() } }
        if let deadline = socket.deadline, deadline <= clock.now {
            isBusy = true
            doing(for: client) { socket.wakes() }
        }
        if let timer = socket.timer, timer <= clock.now {
            isBusy = true
            doing(for: client) { socket.timerFires() }
        }
        return isBusy
    }

    private var nextInstant: UInt64 {
        let second: UInt64 = 1_000_000_000
        var next = Self.start + (UInt64(ledger.tick) + 1) * second
        for socket in clients.map(\.socket) + backends.map(\.socket) where socket.isOpen {
            next = min(next, socket.deadline ?? .max, socket.timer ?? .max)
        }
        return next
    }

    func advance(by nanoseconds: UInt64) {
        let end = clock.now + nanoseconds
        while nextInstant <= end {
            clock.now = max(clock.now, nextInstant)
            tick()
            settle()
        }
        clock.now = end
    }

    private func tick() {
        let tick = UInt32((clock.now - Self.start) / 1_000_000_000)
        guard tick > ledger.tick else { return }
        environment.tick = tick
        ledger.ticks(tick)
        for client in clients where client.socket.isOpen {
            doing(for: client) { client.session?.checkTimeLimits(clock.now) }
        }
        proxy.checkTimeLimits()
    }

    func set(_ toxics: [Toxic]) {
        ledger.changes(toxics)
        proxy.set(toxics: toxics)
        for client in clients {
            guard let session = client.session, client.socket.isOpen else { continue }
            let wasUnderWay = client.underWay.contains { $0.begun != nil }
            doing(for: client) { session.planChanged() }
            if wasUnderWay || !ledger.isSite { ledger.goesOn(client) }
        }
        settle()
    }
}
