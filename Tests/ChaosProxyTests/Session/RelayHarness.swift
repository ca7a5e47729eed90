import EventLoop
import Faults
import HTTPWire
import Records
import TestSupport
import Testing

@testable import ChaosProxy

/// A session with a backend over two fake streams, with a clock that stands still. After everything
/// that happens, all that may be read is read.
final class RelayHarness {
    static let start: UInt64 = 1_000_000_000_000

    let clock = ManualClock(start)
    let environment: ProxyEnvironment
    let proxy: Proxy
    let client = FakeStream()
    let backend = FakeStream()
    let session: RelaySession<FakeStream>
    private let log = Log()

    private final class Log {
        var records: [ExchangeRecord] = []
        var warnings: [String] = []
        var traffic: [ProxyEnvironment.Traffic] = []
        var dialed: [Backend] = []
        weak var attempt: Attempt?
    }

    private final class Attempt {
        let completion: (Result<AnyObject, DialError>) -> Void

        init(_ completion: @escaping (Result<AnyObject, DialError>) -> Void) {
            self.completion = completion
        }
    }

    /// - Parameter isConnected: the backend is there at once.
    init(
        _ protocol: ProxyProtocol, _ toxics: [Toxic] = [], isConnected: Bool = true,
        wantsRecords: Bool = true, overwritesHost: Bool = false, peer: SocketAddress? = nil,
        requestLimits: RequestLimits = RequestLimits(), tellsFaults: Bool = false
    ) throws {
        let (clock, log) = (clock, log)
        environment = ProxyEnvironment(date: SessionHarness.date, seed: 42) { clock.instant }
        proxy = Proxy(
            name: "test", protocol: `protocol`,
            upstream: .address(try #require(Backend("127.0.0.1:9"))), toxics: toxics,
            environment: environment, overwritesHost: overwritesHost,
            requestLimits: requestLimits)
        environment.hasFaultFields = tellsFaults
        client.peer = peer
        session = RelaySession(stream: client, proxy: proxy)
        environment.onWarning = { log.warnings.append($0) }
        environment.onTraffic = { traffic, _ in log.traffic.append(traffic) }
        if wantsRecords { environment.onRecord = { log.records.append($0) } }
        environment.dial = { backend, _, completion in
            let attempt = Attempt(completion)
            log.dialed.append(backend)
            log.attempt = attempt
            return attempt
        }
        client.start(session)
        session.begin()
        if isConnected { connect() }
    }

    var records: [ExchangeRecord] { log.records }
    var endings: [ExchangeRecord.Ending] { log.records.map(\.ending) }
    var warnings: [String] { log.warnings }
    var traffic: [ProxyEnvironment.Traffic] { log.traffic }
    var dialed: [Backend] { log.dialed }
    var isDialing: Bool { log.attempt != nil }
    var isOver: Bool { session.phase == .over }
    var isRelayingUp: Bool { client.relayTarget != nil }
    var isRelayingDown: Bool { backend.relayTarget != nil }

    // MARK: What happens

    /// The backend is there, if it was asked for; else as soon as it is.
    func connect() {
        wantsBackend = true
        settle()
    }

    private var wantsBackend = false

    func refuse() { fail(DialError("connect 127.0.0.1:9: Connection refused")) }

    /// The backend is connected and resets before that is seen.
    func resetAtOnce() {
        fail(DialError("connect 127.0.0.1:9: Connection reset by peer", isReset: true))
    }

    private func fail(_ error: DialError) {
        let attempt = log.attempt
        log.attempt = nil
        attempt?.completion(.failure(error))
        settle()
    }

    func send(_ text: String) { send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) {
        client.peerSends(bytes)
        settle()
    }

    /// Requests of HTTP/1.1 in one piece.
    func get(_ targets: String...) {
        send(targets.map(Self.request).joined())
    }

    static func request(_ target: String) -> String { "GET \(target) HTTP/1.1\r\nHost: x\r\n\r\n" }

    func reply(_ text: String) { reply(Array(text.utf8)) }

    func reply(_ bytes: [UInt8]) {
        backend.peerSends(bytes)
        settle()
    }

    /// HTTP replies with these bodies, in one piece.
    func answer(_ bodies: String...) {
        reply(bodies.map(Self.answer).joined())
    }

    static func answer(_ body: String) -> String {
        "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    func clientEnds() {
        client.peerEnds()
        settle()
    }

    func backendEnds() {
        backend.peerEnds()
        settle()
    }

    func clientResets() {
        client.peerResets()
        settle()
    }

    func backendResets() {
        backend.peerResets()
        settle()
    }

    /// The other side takes `stream`'s output, all of it.
    func drain(_ stream: FakeStream) {
        stream.queuedBytes = 0
        (stream === client ? session.drained() : session.far?.drained())
        settle()
    }

    func set(_ toxics: [Toxic]) {
        proxy.set(toxics: toxics)
        session.planChanged()
        settle()
    }

    /// Lets everything be read that may be.
    func settle() {
        repeat {
            if wantsBackend, let attempt = log.attempt {
                log.attempt = nil
                // There is one backend: given up, it cannot be had again.
                attempt.completion(
                    backend.isOpen ? .success(backend) : .failure(DialError("it is gone")))
            }
        } while client.deliver() || backend.deliver() || (wantsBackend && isDialing)
    }

    /// Goes on to `nanoseconds` after the start, waking the session at each deadline on the way.
    func advance(to nanoseconds: UInt64) {
        var idleWakes = 0
        while let deadline = client.deadline, deadline <= Self.start + nanoseconds {
            idleWakes = deadline > clock.now ? 0 : idleWakes + 1
            guard idleWakes < 100 else {
                Issue.record("the session is woken again and again for an instant that is past")
                break
            }
            client.deadline = nil
            clock.now = max(clock.now, deadline)
            session.woke(at: clock.now)
            settle()
        }
        clock.now = max(clock.now, Self.start + nanoseconds)
    }

    // MARK: What can be seen

    /// What the client, the backend has been sent since the last call.
    func toClient() -> String { client.take() }
    func toBackend() -> String { backend.take() }

    /// When the next thing happens, in nanoseconds after the start.
    var deadline: UInt64? { client.deadline.map { $0 - Self.start } }

    /// Both peers leave; then nothing may be left of the session.
    ///
    /// - Parameter note: what to say of a failure, such as the seed.
    func expectNothingLeft(
        _ note: Comment = "", sourceLocation: SourceLocation = #_sourceLocation
    ) {
        clientResets()
        backendResets()
        for stream in [client, backend] { stream.peerIsGone() }
        settle()
        let isGone =
            isOver && proxy.counters.inFlight == 0 && environment.held.count == 0
            && traffic.count { $0 == .start } == 1 && traffic.count { $0 == .end } == 1
        #expect(isGone, note, sourceLocation: sourceLocation)
        #expect(proxy.counters.inFlight == 0, note, sourceLocation: sourceLocation)
        #expect(environment.held.count == 0, note, sourceLocation: sourceLocation)
        #expect(client.lostBytes + backend.lostBytes == 0, note, sourceLocation: sourceLocation)
    }
}

extension UInt64 {
    static var millisecond: UInt64 { 1_000_000 }
    static var second: UInt64 { 1_000_000_000 }
}
