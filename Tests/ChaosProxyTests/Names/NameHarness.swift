import EventLoop
import Faults
import Names
import Records
import TestSupport
import Testing

@testable import ChaosProxy

/// A name server with connections over fake streams, and a clock that stands still.
final class NameHarness {
    final class Client {
        let stream: FakeStream
        let session: NameSession<FakeStream>

        init(_ stream: FakeStream, _ session: NameSession<FakeStream>) {
            (self.stream, self.session) = (stream, session)
        }

        /// Sends bytes, and has all read that may be.
        func sends(_ bytes: [UInt8]) {
            stream.peerSends(bytes)
            deliver()
        }

        func ends() {
            stream.peerEnds()
            deliver()
        }

        func deliver() {
            while stream.deliver() {}
        }
    }

    private final class Log {
        var records: [ExchangeRecord] = []
        var warnings: [String] = []
    }

    let clock = ManualClock(1_000_000_000_000)
    let environment: ProxyEnvironment
    let proxy: Proxy
    private let zone: Zone
    private let log = Log()

    init(_ toxics: [Toxic] = [], _ limits: RequestLimits = RequestLimits()) throws {
        let (clock, log) = (clock, log)
        zone = try Zone(countries: ["br", "cn"])
        environment = ProxyEnvironment(date: 0, seed: 42) { clock.instant }
        proxy = Proxy(
            name: "dns", protocol: .dns, upstream: .names(zone), toxics: toxics,
            environment: environment, requestLimits: limits)
        environment.onRecord = { log.records.append($0) }
        environment.onWarning = { log.warnings.append($0) }
    }

    var records: [ExchangeRecord] { log.records }
    var warnings: [String] { log.warnings }

    func connect() -> Client {
        let stream = FakeStream()
        stream.peer = SocketAddress(host: "127.0.0.1", port: 4000)
        let session = NameSession(stream: stream, zone: zone, proxy: proxy)
        proxy.keep(session)
        stream.start(session)
        return Client(stream, session)
    }

    /// Lets time go on, and wakes who asked for it.
    func wait(_ milliseconds: UInt64, _ client: Client) {
        let end = clock.now + milliseconds * 1_000_000
        while let due = client.stream.deadline, due <= end {
            client.stream.deadline = nil
            clock.now = max(clock.now, due)
            client.session.woke(at: clock.now)
            client.deliver()
        }
        clock.now = end
    }

    // MARK: Messages

    static func query(_ number: UInt8, _ type: UInt8 = 1, _ code: String = "br") -> [UInt8] {
        var name: [UInt8] = []
        for label in [code, "flags", "test"] { name += [UInt8(label.utf8.count)] + label.utf8 }
        name.append(0)
        return [0, number, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0] + name + [0, type, 0, 1]
    }

    /// With its length in front.
    static func framed(_ message: [UInt8]) -> [UInt8] {
        [UInt8(message.count >> 8), UInt8(message.count & 0xff)] + message
    }

    /// Of each message: its number and its response code.
    static func answers(_ bytes: [UInt8]) -> [String] {
        var (answers, rest): ([String], ArraySlice<UInt8>) = ([], bytes[...])
        while rest.count > 2 {
            let start = rest.startIndex
            let count = Int(rest[start]) << 8 | Int(rest[start + 1])
            guard rest.count >= 2 + count, count >= 12 else { return answers + ["cut off"] }
            answers.append("\(rest[start + 3]):\(rest[start + 5] & 15)")
            rest = rest[(start + 2 + count)...]
        }
        return answers
    }
}
