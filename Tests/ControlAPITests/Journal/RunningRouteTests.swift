import ChaosProxy
import EventLoop
import Faults
import Glibc
import HTTPWire
import TestSupport
import Testing

@testable import ControlAPI

/// `GET /running` and the event of that name, with real sockets.
@Suite struct RunningRouteTests {
    /// Clients of sites that take ten minutes for each answer, all on one loop.
    private final class Traffic {
        let harness: ControlHarness
        private var clients: [Int32] = []

        init(_ names: [String]) throws {
            harness = try ControlHarness()
            // Where nobody wants records, targets are not kept.
            harness.environment.onRecord = { _ in }
            let slow = Toxic(
                .latency(Latency(latency: 600_000_000_000, jitter: 0)), stream: .downstream)
            for name in names { try harness.addSite(name, [slow]) }
        }

        deinit { hangUp() }

        func hangUp() {
            for client in clients { close(client) }
            clients = []
        }

        /// Asks a site on so many new connections, until all of that is under way.
        func ask(_ name: String, _ count: Int, _ target: String = "/") throws {
            let proxy = try harness.registry.find(name).proxy
            let address = try #require(proxy.addresses.first)
            let wanted = proxy.runningCount + count
            for _ in 0..<count {
                let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
                clients.append(client)
                try #require(LoopbackSocket.connect(client, address.port) == 0)
                let request = Array("GET \(target) HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
                _ = send(client, request, request.count, Int32(MSG_NOSIGNAL))
            }
            run { proxy.runningCount == wanted }
        }

        /// Runs the loop until something is so; gives up after ten seconds.
        func run(until isDone: @escaping () -> Bool) {
            #expect(harness.loop.run(until: isDone))
        }

        var running: [JSONValue] {
            get throws {
                let answer = try harness.send("GET /running")
                #expect(answer.status == 200 && answer["Content-Type"] == "application/json")
                guard case .array(let all) = try JSONValue(text: answer.body) else { return [] }
                return all
            }
        }
    }

    private func second(_ number: UInt64) -> Instant {
        Instant(nanoseconds: number * 1_000_000_000)
    }

    @Test func `what is under way is told with the keys of its record`() throws {
        let traffic = try Traffic(["a"])
        #expect(try traffic.running.isEmpty)
        traffic.harness.environment.wallOffset =
            1_795_269_721_120_345_678 - Int64(traffic.harness.loop.now)
        try traffic.ask("a", 1, "/x?y='b'")
        let told = try traffic.running
        try #require(told.count == 1)
        guard case .object(let members) = told[0], case .string(let start)? = told[0]["start"]
        else {
            Issue.record("\(told)")
            return
        }
        #expect(
            members.map(\.name) == [
                "proxy", "conn", "exchange", "client", "method", "target", "attempt", "start",
                "waiting", "faults",
            ])
        #expect(start.hasPrefix("2026-11-21T14:02:0") && start.hasSuffix("Z") && start.count == 27)
        #expect(told[0]["target"] == .string("/x?y='b'"))
        #expect(told[0]["waiting"] == .bool(false))
        #expect(told[0]["faults"] == .array([.string("latency")]))
        #expect(told[0]["conn"] == .number("1") && told[0]["attempt"] == .number("1"))
    }

    @Test func `a hundred are told at most, and no proxy is hidden behind a busy one`() throws {
        let traffic = try Traffic(["a", "b", "c", "idle"])
        try traffic.ask("a", 150)
        #expect(try traffic.running.count == 100)
        try traffic.ask("b", 60)
        try traffic.ask("c", 7)
        let told = try traffic.running
        let counts = ["a", "b", "c"].map { name in
            told.count { $0["proxy"] == .string(name) }
        }
        #expect(counts == [46, 47, 7] || counts == [47, 46, 7])
    }

    @Test func `an event tells it where it has changed, also when nothing is under way`() throws {
        let traffic = try Traffic(["a"])
        let harness = traffic.harness
        var stream = try harness.read()
        func told() -> [StreamedEvent] {
            StreamedEvent.all(stream.readAll()).filter { $0.name == "running" }
        }
        harness.control.tick(at: second(1))
        #expect(told().isEmpty, "nothing is what everybody begins with")
        try traffic.ask("a", 2)
        harness.control.tick(at: second(2))
        let event = told()
        try #require(event.count == 1)
        #expect(try event[0].data == harness.send("GET /running").body)
        harness.environment.wallOffset += 1
        harness.control.tick(at: second(3))
        #expect(told().isEmpty, "the same two")
        let other = try harness.read()
        #expect(StreamedEvent.all(other.readAll()).contains { $0.name == "running" })
        let proxy = try harness.registry.find("a").proxy
        traffic.hangUp()
        traffic.run { proxy.runningCount == 0 }
        harness.control.tick(at: second(4))
        #expect(told().map(\.data) == ["[]"])
        stream.closed()
        other.closed()
        stream = try harness.read()
        harness.control.tick(at: second(5))
        #expect(told().isEmpty)
    }
}
