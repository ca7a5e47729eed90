import EventLoop
import Faults
import Glibc
import Testing

@testable import flagserver

struct StatsdCountersTests {
    /// A socket that counters can be sent to.
    private final class Receiver {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        private(set) var port: UInt16 = 0

        init() {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            var size = socklen_t(MemoryLayout<sockaddr_in>.size)
            withUnsafeMutablePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    _ = bind(descriptor, $0, size)
                    _ = getsockname(descriptor, $0, &size)
                }
            }
            port = UInt16(bigEndian: address.sin_port)
        }

        deinit { close(descriptor) }

        /// What has arrived: on the loopback a datagram is there when it has been sent.
        func messages() -> [String] {
            var messages: [String] = []
            var bytes = [UInt8](repeating: 0, count: 512)
            while true {
                let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
                guard count >= 0 else { return messages }
                messages.append(String(decoding: bytes[..<count], as: UTF8.self))
            }
        }
    }

    private func statsd(_ port: UInt16, _ sampleRate: Double = 1) throws
        -> VaurienConfiguration.Statsd
    {
        VaurienConfiguration.Statsd(
            host: "127.0.0.1", port: port, prefix: "vaurien",
            sampleRate: try #require(Probability(sampleRate)))
    }

    /// That cannot fail.
    private func counters(
        _ statsd: VaurienConfiguration.Statsd, _ protocolName: String, seed: UInt64 = 1
    ) throws -> StatsdCounters {
        StatsdCounters(statsd, protocolName: protocolName, seed: seed, on: try EventLoop()) {
            Issue.record("\($0)")
        }
    }

    @Test func `each event is a counter without a random key`() throws {
        let receiver = Receiver()
        let counters = try counters(try statsd(receiver.port), "http")
        for event in StatsdCounters.Event.allCases { counters.count(event) }
        #expect(
            receiver.messages() == [
                "vaurien.http.start:1|c", "vaurien.http.to_backend:1|c",
                "vaurien.http.to_client:1|c", "vaurien.http.end:1|c",
            ])
    }

    @Test func `a sampled one says its rate, and the seed decides`() throws {
        func sent(_ seed: UInt64) throws -> [String] {
            let receiver = Receiver()
            let counters = try counters(try statsd(receiver.port, 0.5), "tcp", seed: seed)
            for _ in 0..<64 {
                counters.count(.start)
                counters.count(.end)
            }
            return receiver.messages()
        }
        let first = try sent(1)
        #expect((32...96).contains(first.count))
        #expect(Set(first) == ["vaurien.tcp.start:1|c|@0.5", "vaurien.tcp.end:1|c|@0.5"])
        #expect(try sent(1) == first)
        #expect(try sent(2) != first)
    }

    @Test func `a rate of 0 sends nothing`() throws {
        let receiver = Receiver()
        let counters = try counters(try statsd(receiver.port, 0), "tcp")
        for _ in 0..<100 { counters.count(.start) }
        #expect(receiver.messages().isEmpty)
    }

    @Test func `a server that has gone disturbs nobody, and is met again`() throws {
        var receiver: Receiver? = Receiver()
        let port = try #require(receiver?.port)
        let counters = try counters(try statsd(port), "tcp")
        receiver = nil
        for _ in 0..<100 { counters.count(.start) }
    }

    /// The counters of a host that has a name, once it has been looked up.
    private func found(_ host: String, _ port: UInt16, warn: @escaping (String) -> Void) throws
        -> StatsdCounters
    {
        let loop = try EventLoop()
        let statsd = VaurienConfiguration.Statsd(host: host, port: port)
        let counters = StatsdCounters(
            statsd, protocolName: "tcp", seed: 1, on: loop, warn: warn)
        let end = Timer(on: loop) { loop.stop() }
        end.schedule(after: 1_000_000)
        try loop.run()
        return counters
    }

    @Test func `a host with a name is looked up`() throws {
        let receiver = Receiver()
        let counters = try found("localhost", receiver.port) { Issue.record("\($0)") }
        counters.count(.start)
        #expect(receiver.messages() == ["vaurien.tcp.start:1|c"])
    }

    @Test func `a host that cannot be found is told once and nothing is sent`() throws {
        var warnings: [String] = []
        let counters = try found("not a host", 8125) { warnings.append($0) }
        #expect(warnings == ["no counters: cannot reach not a host:8125 by UDP"])
        counters.count(.start)
    }
}
