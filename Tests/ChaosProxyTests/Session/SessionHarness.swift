import EventLoop
import Faults
import HTTPWire
import Records
import TestSupport

@testable import ChaosProxy

/// One session over a fake stream with a clock that stands still: a client of one connection.
final class SessionHarness {
    static let date: Int64 = 784_111_777

    let clock = ManualClock(1_000_000_000_000)
    let start: UInt64 = 1_000_000_000_000
    let environment: ProxyEnvironment
    let proxy: Proxy
    let stream: FakeStream
    let session: SiteSession<FakeStream>
    private(set) var warnings: [String] = []

    /// What was recorded so far.
    var records: [ExchangeRecord] { log.records }
    private let log = Log()

    private final class Log {
        var records: [ExchangeRecord] = []
    }

    /// - Parameter others: make a second connection to the same proxy.
    init(
        _ toxics: [Toxic] = [], site: @escaping Site = TestSite.answer,
        limits: TimeLimits = TimeLimits(), wantsRecords: Bool = true, peer: SocketAddress? = nil,
        requestLimits: RequestLimits = RequestLimits(), tellsFaults: Bool = false,
        requestedFaults: RequestedFaults? = nil
    ) {
        let clock = clock
        environment = ProxyEnvironment(date: Self.date, seed: 42) { clock.instant }
        proxy = Proxy(
            name: "test", upstream: .site(site), toxics: toxics, environment: environment,
            limits: limits, requestLimits: requestLimits, requestedFaults: requestedFaults)
        environment.hasFaultFields = tellsFaults
        (stream, session) = Self.connect(to: proxy, from: peer)
        if wantsRecords {
            let log = log
            environment.onRecord = { log.records.append($0) }
        }
        environment.onWarning = { [unowned self] in warnings.append($0) }
    }

    static func connect(
        to proxy: Proxy, from peer: SocketAddress? = nil
    ) -> (FakeStream, SiteSession<FakeStream>) {
        let stream = FakeStream()
        stream.peer = peer
        return (stream, SiteSession(stream: stream, proxy: proxy))
    }

    // MARK: What the client does

    func send(_ text: String) { send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) {
        guard stream.isOpen else { return }
        bytes.withUnsafeBytes { session.received($0) }
    }

    /// Requests of HTTP/1.1 in one piece.
    func get(_ targets: String...) {
        send(targets.map { "GET \($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined())
    }

    // MARK: What time does

    /// Goes on to `nanoseconds` after the start, waking the session at each deadline on the way.
    func advance(to nanoseconds: UInt64) {
        while let deadline = stream.deadline, deadline <= start + nanoseconds {
            stream.deadline = nil
            clock.now = max(clock.now, deadline)
            session.woke(at: deadline)
        }
        clock.now = start + nanoseconds
    }

    /// Goes on by whole seconds with the proxy's look at the time limits after each.
    func tick(_ seconds: UInt32) {
        for _ in 0..<seconds {
            environment.tick += 1
            clock.now += 1_000_000_000
            if stream.isOpen { session.checkTimeLimits(clock.now) }
        }
    }

    // MARK: What the client sees

    /// The answers so far, from the last call on.
    func answers(heads: Set<Int> = []) throws -> [ParsedAnswer] {
        try ParsedAnswer.all(stream.take(), heads: heads)
    }

    /// The bodies of the answers so far.
    func bodies() throws -> [String] { try answers().map(\.body) }
}

/// A site whose body is the target, prepared for paths of one letter and made for others.
enum TestSite {
    static func answer(_ request: HTTPRequest) -> SiteAnswer {
        let path = String(view: request.path)
        let type = [HTTPField("Content-Type", "text/plain")]
        switch path {
        case "/none": return .made(HTTPResponse(204))
        case "/large":
            let body = Bytes(String(repeating: "0123456789", count: 10_000))
            return .prepared(PreparedResponse(200, fields: type, body: body))
        case "/parts":
            return .made(HTTPResponse(200, fields: type, body: [Bytes("one "), Bytes("two")]))
        default:
            let body = Bytes(String(view: request.target))
            guard path.utf8.count == 2 else {
                return .made(HTTPResponse(200, fields: type, body: [body]))
            }
            return .prepared(PreparedResponse(200, fields: type, body: body))
        }
    }
}

extension Toxic {
    static func latency(_ latency: Nanoseconds, jitter: Nanoseconds = 0) -> Toxic {
        Toxic(.latency(Latency(latency: latency, jitter: jitter)), stream: .downstream)
    }

    static func respond(
        _ statuses: (HTTPStatus, UInt32)..., retryAfter: Nanoseconds? = nil,
        toxicity: Toxicity = .random(.always)
    ) -> Toxic {
        let statuses = statuses.map { (status: $0.0, weight: $0.1) }
        let respond = Respond(statuses: statuses, retryAfter: retryAfter)
        return Toxic(.respond(respond), stream: .upstream, toxicity: toxicity)
    }
}
