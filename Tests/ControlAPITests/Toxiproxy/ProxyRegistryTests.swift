import ChaosProxy
import EventLoop
import Faults
import Testing

@testable import ControlAPI

@Suite struct ProxyRegistryTests {
    /// Makes a disabled proxy from port to port.
    private func put(
        _ harness: ControlHarness, _ name: String, _ listen: String, _ upstream: String
    ) throws(ProxyError) {
        let specification = ProxySpecification(
            name: name, listen: listen, upstream: upstream, isEnabled: false)
        try harness.registry.create(specification)
    }

    private func refusal(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "accepted"
        } catch {
            return "\(error)"
        }
    }

    @Test func `a chain that leads back to itself is named`() throws {
        let harness = try ControlHarness()
        try put(harness, "a", "127.0.0.1:2001", "localhost:2002")
        try put(harness, "b", "localhost:2002", "[::1]:2003")
        #expect(
            refusal { try put(harness, "c", "[::]:2003", "127.0.0.1:2001") }
                == "invalid upstream: 127.0.0.1:2001 leads back to the proxy itself: "
                + "c -> a -> b -> c")
        try put(harness, "c", "[::]:2004", "127.0.0.1:2001")
        #expect(
            refusal {
                try harness.registry.update("b", ProxyChanges(upstream: "127.0.0.1:2004"))
            }.hasSuffix("b -> c -> a -> b"))
        #expect(
            refusal { try harness.registry.redirect("b", to: "0.0.0.0:2002") }
                .hasSuffix("b -> b"))
        #expect(
            refusal { try harness.registry.update("c", ProxyChanges(listen: "[::1]:2003")) }
                .hasSuffix("c -> a -> b -> c"))
        #expect(harness.registry["b"]?.upstreamText == "[::1]:2003")
    }

    @Test(arguments: [
        "127.0.0.1:2001", "localhost:2001", "LOCALHOST:2001", ":2001", "[::ffff:127.0.0.1]:2001",
        "0.0.0.0:2001",
    ])
    func `a proxy does not lead to itself`(_ upstream: String) throws {
        let harness = try ControlHarness()
        #expect(
            refusal { try put(harness, "a", "localhost:2001", upstream) }.hasSuffix("a -> a"))
    }

    @Test func `a populated chain is refused as a whole`() throws {
        let harness = try ControlHarness()
        let answer = try harness.send(
            "POST /populate",
            #"[{"name":"a","listen":":2001","upstream":":2002","enabled":false},"#
                + #"{"name":"b","listen":":2002","upstream":":2001","enabled":false}]"#)
        #expect(answer.status == 400)
        #expect(answer.body.contains("b -\\u003e a -\\u003e b"))
        #expect(harness.registry.proxies.isEmpty)
    }

    @Test func `the control port is no backend`() throws {
        let harness = try ControlHarness()
        harness.registry.controlAddresses = ListenAddress(.loopbacks, port: 8474).addresses
        for upstream in ["127.0.0.1:8474", "localhost:8474", "[::1]:8474", "0.0.0.0:8474"] {
            #expect(
                refusal { try put(harness, "a", "", upstream) }
                    .hasSuffix("is this server's own control port."))
        }
        try put(harness, "a", "", "127.0.0.2:8474")
    }

    @Test func `at connection time an address is known that had a name before`() throws {
        let harness = try ControlHarness()
        let port = try harness.create("a")
        let other = try harness.registry.create(
            ProxySpecification(name: "b", listen: "127.0.0.1:0", upstream: "127.0.0.1:\(port)"))
        let found = try harness.registry.find("a")
        let own = try #require(found.proxy.addresses.first)
        let next = try #require(other.proxy.addresses.first)
        let far = try #require(SocketAddress(host: "127.0.0.1", port: 9))
        #expect(harness.registry.leadsBack(own, from: found.proxy))
        #expect(harness.registry.leadsBack(next, from: found.proxy))
        #expect(!harness.registry.leadsBack(own, from: other.proxy))
        #expect(!harness.registry.leadsBack(far, from: found.proxy))
        harness.registry.controlAddresses = [far]
        #expect(harness.registry.leadsBack(far, from: found.proxy))
    }

    @Test func `both families get the same free port`() throws {
        let harness = try ControlHarness()
        let found = try harness.registry.create(
            ProxySpecification(name: "a", listen: "localhost:0", upstream: "h:1"))
        let ports = Set(found.proxy.addresses.map(\.port))
        #expect(ports.count == 1 && !ports.contains(0))
        #expect(found.proxy.addresses.first?.family == .ipv4)
    }

    @Test func `the name of a deleted server may be taken, until that is deleted too`() throws {
        let harness = try ControlHarness()
        let site = try harness.addSite("a")
        try harness.registry.delete("a")
        try harness.create("a")
        try harness.registry.reset()
        #expect(harness.registry["a"]?.upstreamText == "127.0.0.1:9")
        try harness.registry.delete("a")
        try harness.registry.reset()
        #expect(harness.registry["a"] === site)
    }

    @Test(arguments: [
        ("localhost:http", 80), (":5432", 5432), ("h:postgresql", 5432), ("[::1]:redis", 6379),
    ])
    func `an upstream may be written as Go takes it`(_ text: String, _ port: UInt16) throws {
        let harness = try ControlHarness()
        try put(harness, "a", "127.0.0.1:0", text)
        let found = try harness.registry.find("a")
        #expect(found.upstreamText == text)
        guard case .address(let backend) = found.proxy.upstream else {
            Issue.record("no address")
            return
        }
        #expect(backend.port == port)
    }
}
