import Faults
import HTTPWire
import Records
import TestSupport
import Testing

@testable import ChaosProxy

/// Requests whose target names a fault, before a site.
struct RequestedFaultsTests {
    /// Reads the first segment of each path.
    private final class Reader: RequestedFaults {
        func plan(of request: HTTPRequest) -> FaultPlan? {
            let path = request.path
            let segment = Array(path[1..<(1 + FaultPath.segmentCount(path))])
            guard let faults = try? FaultPath(segment) else { return nil }
            return FaultPlan(faults.toxics, proxy: "test", seed: 42)
        }

        func complete(_ facts: inout ScriptRequest, of request: HTTPRequest) {
            facts.path = "/"
        }
    }

    private func client(_ toxics: [Toxic] = []) -> SessionHarness {
        SessionHarness(toxics, requestedFaults: Reader())
    }

    @Test func `a fault of the URL is met by that request alone`() throws {
        let client = client()
        client.get("/respond;503=1/a", "/ok/a")
        #expect(try client.answers().map(\.status) == [503, 200])
        let faults = client.records.map(\.faults)
        #expect(faults.map(\.count) == [1, 0])
        let met = try #require(faults.first?.first)
        #expect(met.toxic.name == "respond" && met.toxic.fault.type.rawValue == "respond")
        #expect(met.draw == nil && met.toxic.toxicity == .random(.always) && met.hasActed)
        #expect(client.records.map(\.target) == ["/respond;503=1/a", "/ok/a"])
    }

    @Test func `attempts are counted by the target as it was sent`() throws {
        let client = client()
        client.get("/respond;503=1;exchanges=1/a", "/respond;503=1;exchanges=1/b")
        client.get("/respond;503=1;exchanges=1/a", "/ok/a")
        #expect(try client.answers().map(\.status) == [503, 503, 200, 200])
        #expect(client.records.map(\.attempt) == [1, 1, 2, 1])
    }

    @Test func `a chance is drawn by the seed and told`() throws {
        let targets = (0..<40).map { "/respond;503=1;toxicity=50%/\($0)" }
        let statuses = try (0..<2).map { _ in
            let client = client()
            for target in targets { client.get(target) }
            for record in client.records {
                #expect(record.faults.allSatisfy { ($0.draw ?? 1) < 0.5 })
            }
            return try client.answers().map(\.status)
        }
        #expect(statuses[0] == statuses[1])
        #expect(Set(statuses[0]) == [200, 503])
    }

    @Test func `those of the proxy act besides, behind it`() throws {
        let client = client([.latency(1000), .respond((418, 1))])
        client.get("/latency;latency=2us,respond;503=1/a")
        client.advance(to: 3000)
        #expect(try client.answers().map(\.status) == [503])
        let names = client.records.first?.faults.map(\.toxic.name)
        #expect(names == ["latency", "respond", "latency_downstream", "respond_upstream"])
    }

    @Test func `a change of the proxy's toxics leaves it alone`() throws {
        let client = client()
        client.get("/latency;latency=5us/a")
        client.advance(to: 1000)
        client.proxy.set(toxics: [.latency(1)])
        client.proxy.set(toxics: [])
        #expect(try client.answers().isEmpty)
        client.advance(to: 4999)
        #expect(try client.answers().isEmpty)
        client.advance(to: 5000)
        #expect(try client.answers().map(\.status) == [200])
    }

    @Test func `a late end stays late whatever is changed`() {
        let client = client()
        client.send("GET /slow_close;delay=5us/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        client.advance(to: 1000)
        client.proxy.set(toxics: [.latency(1)])
        client.advance(to: 4999)
        #expect(client.stream.isOpen)
        client.advance(to: 5000)
        #expect(!client.stream.isOpen)
    }

    @Test func `a site that is not asked for faults is asked as before`() throws {
        let client = SessionHarness()
        client.get("/respond;503=1/a")
        #expect(try client.answers().map(\.status) == [200])
        #expect(client.records.map(\.attempt) == [nil])
    }
}
