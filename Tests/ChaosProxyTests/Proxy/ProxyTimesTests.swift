import Faults
import Glibc
import HTTPWire
import Records
import TestSupport
import Testing

@testable import ChaosProxy
@testable import EventLoop

/// Toxics that are in force at times, on a clock that stands still.
final class ProxyTimesTests {
    private static let second: UInt64 = 1_000_000_000

    /// When the proxy wants to be told, and what it does then.
    private final class Alarm {
        var due: Instant?
        var action: () -> Void = {}
    }

    private let clock = ManualClock(1000)
    private let environment: ProxyEnvironment
    private let alarm = Alarm()

    init() {
        let (clock, alarm) = (clock, alarm)
        environment = ProxyEnvironment(date: 0, seed: 42) { clock.instant }
        environment.makeAlarm = { action in
            alarm.action = action
            return { alarm.due = $0 }
        }
    }

    private func proxy(_ toxics: [Toxic], _ protocol: ProxyProtocol = .http) throws -> Proxy {
        let upstream = Upstream.address(try #require(Backend("127.0.0.1:9")))
        return Proxy(
            name: "test", protocol: `protocol`,
            upstream: `protocol` == .http ? .site(TestSite.answer) : upstream, toxics: toxics,
            environment: environment)
    }

    private func latency(
        ttl: Nanoseconds? = nil, _ length: Nanoseconds? = nil, of period: Nanoseconds = 30 * second
    ) -> Toxic {
        let schedule = length.map { ToxicWindow.Schedule(length: $0, period: period) }
        return Toxic(
            .latency(Latency(latency: 5 * Self.second, jitter: 0)), stream: .downstream,
            name: "slow",
            window: ToxicWindow(ttl: ttl, schedule: schedule))
    }

    /// Goes on to so long after the start, with every alarm on the way.
    private func advance(to time: UInt64) {
        while let due = alarm.due, due.nanoseconds <= 1000 + time {
            clock.now = due.nanoseconds
            alarm.due = nil
            alarm.action()
        }
        clock.now = 1000 + time
    }

    @Test func `a ttl takes the toxic from the proxy when it is over`() throws {
        let proxy = try proxy([latency(ttl: 30 * Self.second)])
        #expect(alarm.due == Instant(nanoseconds: 1000 + 30 * Self.second))
        advance(to: 30 * Self.second - 1)
        #expect(proxy.toxics.count == 1 && !proxy.plan.isEmpty)
        advance(to: 30 * Self.second)
        #expect(proxy.toxics.isEmpty && proxy.plan.isEmpty)
        #expect(alarm.due == nil)
    }

    @Test func `a schedule stays in the list, in force or not`() throws {
        let proxy = try proxy([latency(5 * Self.second)])
        advance(to: 5 * Self.second)
        #expect(proxy.toxics.count == 1 && proxy.plan.isEmpty)
        advance(to: 30 * Self.second)
        #expect(!proxy.plan.isEmpty)
        advance(to: 335 * Self.second)
        #expect(proxy.plan.isEmpty && alarm.due == Instant(nanoseconds: 1000 + 360 * Self.second))
    }

    @Test func `a reset begins the time anew, of one that has ended too`() throws {
        let toxic = latency(ttl: 30 * Self.second)
        let proxy = try proxy([toxic])
        advance(to: 20 * Self.second)
        proxy.restartDraws()
        advance(to: 40 * Self.second)
        #expect(proxy.toxics.count == 1)
        advance(to: 60 * Self.second)
        #expect(proxy.toxics.isEmpty)
        proxy.set(toxics: [toxic])
        proxy.restartDraws()
        advance(to: 89 * Self.second)
        #expect(proxy.toxics.count == 1)
    }

    @Test func `what is drawn is the same with a time and without`() throws {
        let half = try #require(Probability(0.5))
        let fault = Fault.acceptReset(AcceptReset())
        let plain = Toxic(fault, stream: .downstream, toxicity: .random(half))
        let timed = Toxic(
            fault, stream: .downstream, toxicity: .random(half),
            window: ToxicWindow(ttl: Self.second))
        let plans = try [plain, timed].map { try proxy([$0]).plan }
        let drawn = plans.map { plan in
            (1...50).map { !plan.draw(DrawKey(connection: $0), isArrival: true).isEmpty }
        }
        #expect(drawn[0] == drawn[1])
    }

    // MARK: What is under way

    @Test func `a request keeps what it began with, whatever else changes`() throws {
        let proxy = try proxy([latency(ttl: Self.second)])
        let (stream, session) = SessionHarness.connect(to: proxy)
        Array("GET /a HTTP/1.1\r\nHost: x\r\n\r\n".utf8).withUnsafeBytes { session.received($0) }
        advance(to: 2 * Self.second)
        #expect(proxy.toxics.isEmpty && stream.text == "")
        proxy.set(toxics: [Toxic(.noop(Noop()), stream: .downstream)])
        session.planChanged()
        #expect(stream.text == "")
        advance(to: 5 * Self.second)
        session.woke(at: clock.now)
        #expect(stream.text.hasPrefix("HTTP/1.1 200"))
        // And the next one begins without it.
        Array("GET /b HTTP/1.1\r\nHost: x\r\n\r\n".utf8).withUnsafeBytes { session.received($0) }
        #expect(stream.text.hasSuffix("/b"))
    }

    @Test func `somebody who removes it lets go of what it holds`() throws {
        let proxy = try proxy([latency(5 * Self.second)])
        let (stream, session) = SessionHarness.connect(to: proxy)
        Array("GET /a HTTP/1.1\r\nHost: x\r\n\r\n".utf8).withUnsafeBytes { session.received($0) }
        #expect(stream.text == "")
        proxy.set(toxics: [])
        session.planChanged()
        #expect(stream.text.hasPrefix("HTTP/1.1 200"))
    }

    @Test func `on tcp it is out of force at once`() throws {
        let harness = try RelayHarness(.tcp)
        let toxic = Toxic(
            .latency(Latency(latency: 60 * Self.second, jitter: 0)), stream: .upstream,
            window: ToxicWindow(schedule: .init(length: Self.second, period: 3 * Self.second)))
        let alarm = alarm
        harness.environment.makeAlarm = { action in
            alarm.action = action
            return { alarm.due = $0 }
        }
        harness.proxy.set(toxics: [toxic])
        harness.session.planChanged()
        harness.send("x")
        #expect(harness.backend.text == "")
        harness.advance(to: Self.second)
        alarm.action()
        harness.session.planChanged()
        harness.settle()
        #expect(harness.backend.text == "x")
        harness.advance(to: 3 * Self.second)
        alarm.action()
        harness.session.planChanged()
        harness.send("y")
        #expect(harness.backend.text == "x")
    }

    // MARK: Listeners

    @Test func `a listener does what the toxics in force say, and a new one too`() throws {
        let loop = try EventLoop()
        let proxy = try proxy([
            Toxic(.refuse(Refuse(time: Self.second)), stream: .downstream)
        ])
        let any = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        try proxy.listen(on: any, limits: [], loop: loop)
        let address = try #require(proxy.addresses.first)
        #expect(proxy.isEnabled && !Self.connects(to: address))
        advance(to: Self.second)
        #expect(proxy.toxics.isEmpty && Self.connects(to: address))
        proxy.set(toxics: [Toxic(.v6Only(V6Only(time: 0)), stream: .downstream)])
        #expect(!Self.connects(to: address))
        proxy.set(toxics: [Toxic(.v4Only(V4Only(time: 0)), stream: .downstream)])
        #expect(Self.connects(to: address))
        proxy.stopListening()
    }

    private static func connects(to address: SocketAddress) -> Bool {
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(client) }
        return address.withSockaddr { connect(client, $0, $1) } == 0
    }
}
