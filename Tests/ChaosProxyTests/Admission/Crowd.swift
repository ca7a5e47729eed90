import EventLoop
import Faults
import HTTPWire
import Records
import TestSupport
import Testing

@testable import ChaosProxy

/// Many clients of one proxy over fake streams, with a clock that stands still: before a site or
/// before a backend that answers when it is told to. After everything that happens, all that may
/// be read is read.
final class Crowd {
    static let start: UInt64 = 1_000_000_000_000
    private static let answer = RelayHarness.answer("yes")

    final class Client {
        let stream: FakeStream
        let session: Session
        /// It has sent its FIN.
        fileprivate(set) var hasEnded = false

        init(_ stream: FakeStream, _ session: Session) {
            (self.stream, self.session) = (stream, session)
        }

        var isOpen: Bool { stream.isOpen }
        var isQueued: Bool { session.standing.contains(.queued) }
        /// The answers so far, from the last call on.
        func answers() throws -> [ParsedAnswer] { try ParsedAnswer.all(stream.take()) }
    }

    private final class Attempt {
        let completion: (Result<AnyObject, DialError>) -> Void

        init(_ completion: @escaping (Result<AnyObject, DialError>) -> Void) {
            self.completion = completion
        }
    }

    private final class Log {
        var records: [ExchangeRecord] = []
        var attempts: [() -> Attempt?] = []
    }

    let clock = ManualClock(start)
    let environment: ProxyEnvironment
    let proxy: Proxy
    private(set) var clients: [Client] = []
    private(set) var backends: [FakeStream] = []
    private let log = Log()

    /// - Parameter protocol: nil: before a site.
    init(
        _ toxics: [Toxic] = [], _ limits: RequestLimits = RequestLimits(),
        before protocol: ProxyProtocol? = nil, site: @escaping Site = TestSite.answer
    ) throws {
        let (clock, log) = (clock, log)
        environment = ProxyEnvironment(date: SessionHarness.date, seed: 42) { clock.instant }
        let backend = try #require(Backend("127.0.0.1:9"))
        proxy = Proxy(
            name: "test", protocol: `protocol` ?? .http,
            upstream: `protocol` == nil ? .site(site) : .address(backend),
            toxics: toxics, environment: environment, requestLimits: limits)
        environment.onRecord = { log.records.append($0) }
        environment.dial = { _, _, completion in
            let attempt = Attempt(completion)
            log.attempts.append { [weak attempt] in attempt }
            return attempt
        }
    }

    var records: [ExchangeRecord] { log.records }

    // MARK: What happens

    @discardableResult
    func connect(from host: String = "127.0.0.1") -> Client {
        let port = UInt16(truncatingIfNeeded: 10_000 + clients.count)
        let client = join(SocketAddress(host: host, port: port))
        settle()
        return client
    }

    private func join(_ peer: SocketAddress?) -> Client {
        let stream = FakeStream()
        stream.peer = peer
        let client: Client
        if proxy.upstream.isSite {
            client = Client(stream, SiteSession(stream: stream, proxy: proxy))
            stream.start(client.session)
        } else {
            let session = RelaySession(stream: stream, proxy: proxy)
            client = Client(stream, session)
            stream.start(session)
            session.begin()
        }
        clients.append(client)
        return client
    }

    /// Many that come and ask at once, each of them heard alone: all the others have to wait.
    func connect(_ count: Int, asking targets: String...) {
        let text = targets.map(RelayHarness.request).joined()
        for _ in 0..<count {
            let stream = join(SocketAddress(host: "127.0.0.1", port: 9)).stream
            stream.peerSends(Array(text.utf8))
            while stream.deliver() {}
        }
    }

    func send(_ client: Client, _ text: String) {
        client.stream.peerSends(Array(text.utf8))
        settle()
    }

    func get(_ client: Client, _ targets: String...) {
        send(client, targets.map(RelayHarness.request).joined())
    }

    /// The client sends its FIN.
    ///
    /// - Parameter isGone: what the kernel says of it.
    func end(_ client: Client, isGone: Bool?) {
        client.stream.peerHasGone = isGone
        client.hasEnded = true
        client.stream.peerEnds()
        settle()
    }

    func reset(_ client: Client) {
        client.stream.peerResets()
        settle()
    }

    /// Lets everything be read that may be, and everything happen that is due.
    func settle() {
        var isBusy = true
        while isBusy {
            isBusy = false
            let attempts = log.attempts
            log.attempts = []
            for attempt in attempts.compactMap({ $0() }) {
                let stream = FakeStream()
                backends.append(stream)
                attempt.completion(.success(stream))
                isBusy = true
            }
            for stream in clients.map(\.stream) + backends where stream.deliver() {
                isBusy = true
            }
            if wake() { isBusy = true }
        }
    }

    private func wake() -> Bool {
        var hasWoken = false
        for client in clients {
            guard let deadline = client.stream.deadline, deadline <= clock.now else { continue }
            client.stream.deadline = nil
            client.session.woke(at: clock.now)
            hasWoken = true
        }
        return hasWoken
    }

    /// Goes on to `nanoseconds` after the start.
    func advance(to nanoseconds: UInt64) {
        let end = Self.start + nanoseconds
        while let next = clients.compactMap(\.stream.deadline).min(), next <= end {
            clock.now = max(clock.now, next)
            settle()
        }
        clock.now = max(clock.now, end)
    }

    /// Goes on by whole seconds, with a look at the time limits after each.
    func tick(_ seconds: UInt32) {
        for _ in 0..<seconds {
            environment.tick += 1
            advance(to: clock.now - Self.start + .second)
            for client in clients where client.isOpen {
                client.session.checkTimeLimits(clock.now)
            }
            proxy.checkTimeLimits()
            settle()
        }
    }

    /// Every backend answers what it has been asked.
    func answerAll() {
        for backend in backends {
            var parts = backend.take().split(separator: " HTTP/1.1\r\n")
            guard parts.popLast() != nil else { continue }
            let text = parts.map { part in
                let isHead = part.split(separator: "\r\n").last?.contains("HEAD /") ?? false
                return isHead ? "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n" : Self.answer
            }.joined()
            backend.peerSends(Array(text.utf8))
        }
        settle()
    }

    // MARK: What can be seen

    /// All peers leave; then nothing may be left of anybody.
    func expectNothingLeft(
        _ note: Comment = "", sourceLocation: SourceLocation = #_sourceLocation
    ) {
        for stream in clients.map(\.stream) + backends {
            stream.peerResets()
            stream.peerIsGone()
        }
        settle()
        let counters = proxy.counters
        let left = [
            counters.inFlight, counters.connections, proxy.queuedCount, proxy.queue.granted,
            proxy.queue.released.count, environment.held.count,
        ]
        #expect(left == [0, 0, 0, 0, 0, 0], note, sourceLocation: sourceLocation)
        for meter in proxy.clients + environment.meters.values {
            let isZero = meter.inFlight == 0 && meter.connections == 0
            #expect(isZero, note, sourceLocation: sourceLocation)
        }
    }
}
