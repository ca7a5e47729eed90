import ChaosProxy
import EventLoop
import Glibc
import TestSupport
import Testing

@testable import ControlAPI

/// What changes do to connections that are open.
@Suite struct OpenConnectionTests {
    /// A client of a tcp proxy before a site, all on one loop.
    private final class Traffic {
        let harness: ControlHarness
        let port: UInt16
        let proxy: Proxy
        private let site: Proxy
        private let client: Int32

        struct Failure: Error { let errno: Int32 }

        init() throws {
            harness = try ControlHarness()
            site = try harness.addSite("local").proxy
            let upstream = try #require(site.addresses.first)
            let found = try harness.registry.create(
                ProxySpecification(
                    name: "p", listen: "127.0.0.1:0", upstream: "\(upstream)"))
            proxy = found.proxy
            port = try #require(proxy.addresses.first?.port)
            client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            guard LoopbackSocket.connect(client, port) == 0 else { throw Failure(errno: errno) }
            var limit = timeval(tv_sec: 10, tv_usec: 0)
            setsockopt(
                client, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        }

        deinit { close(client) }

        /// Runs the loop until something is so; gives up after ten seconds.
        func run(until isDone: @escaping () -> Bool) {
            #expect(harness.loop.run(until: isDone))
        }

        /// Asks the site through the proxy.
        ///
        /// - Returns: the first bytes of the answer; empty at the end.
        func ask() -> String {
            let request = Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
            _ = send(client, request, request.count, Int32(MSG_NOSIGNAL))
            var text = ""
            run { [client] in
                var buffer = [UInt8](repeating: 0, count: 4096)
                let count = recv(client, &buffer, buffer.count, Int32(MSG_DONTWAIT))
                if count > 0 { text = String(decoding: buffer[..<count], as: UTF8.self) }
                return count >= 0 || !text.isEmpty
            }
            return String(text.prefix(12))
        }

        /// Expects that the FIN is there already, and that nothing is left once it is answered.
        func expectEnd() {
            var byte: UInt8 = 0
            #expect(recv(client, &byte, 1, 0) == 0)
            leave()
        }

        /// Ends the client's side, and waits until nothing is left of it.
        func leave() {
            shutdown(client, Int32(SHUT_RDWR))
            run { [proxy, site] in proxy.connectionCount + site.connectionCount == 0 }
        }
    }

    @Test func `disabling closes them with FIN and refuses others`() throws {
        let traffic = try Traffic()
        #expect(traffic.ask() == "HTTP/1.1 204")
        let answer = try traffic.harness.send("PATCH /proxies/p", #"{"enabled":false}"#)
        #expect(answer.status == 200)
        traffic.expectEnd()
        let other = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(other) }
        #expect(LoopbackSocket.connect(other, traffic.port) == -1)
        #expect(errno == ECONNREFUSED)
    }

    @Test func `changes that are none, toxics and a reset keep them`() throws {
        let traffic = try Traffic()
        #expect(traffic.ask() == "HTTP/1.1 204")
        let upstream = try traffic.harness.registry.find("p").upstreamText
        for (line, body) in [
            ("PATCH /proxies/p", #"{"listen":"localhost:\#(traffic.port)"}"#),
            ("POST /proxies/p", #"{"upstream":"\#(upstream)","enabled":true}"#),
            ("POST /proxies/p/toxics", #"{"type":"latency","attributes":{"latency":1}}"#),
            ("DELETE /proxies/p/toxics/latency_downstream", ""), ("POST /reset", ""),
        ] {
            #expect(try traffic.harness.send(line, body).status < 300)
            #expect(traffic.ask() == "HTTP/1.1 204")
        }
        #expect(traffic.proxy.connectionCount == 1)
        traffic.leave()
    }

    @Test(arguments: [
        ("PATCH /proxies/p", #"{"upstream":"127.0.0.1:9"}"#), ("DELETE /proxies/p", ""),
        ("PATCH /proxies/p", #"{"protocol":"http"}"#),
        ("PATCH /proxies/p", #"{"listen":"127.0.0.1:0"}"#),
    ])
    func `real changes close them`(_ line: String, _ body: String) throws {
        let traffic = try Traffic()
        #expect(traffic.ask() == "HTTP/1.1 204")
        #expect(try traffic.harness.send(line, body).status < 300)
        traffic.expectEnd()
    }

    @Test func `another backend over Vaurien's interface keeps them`() throws {
        let traffic = try Traffic()
        #expect(traffic.ask() == "HTTP/1.1 204")
        try traffic.harness.registry.redirect("p", to: "127.0.0.1:9")
        #expect(traffic.ask() == "HTTP/1.1 204")
        traffic.leave()
    }

    @Test func `removing a timeout closes those that it covered`() throws {
        let traffic = try Traffic()
        let timeout = #"{"type":"timeout","name":"t","attributes":{"timeout":0}}"#
        #expect(try traffic.harness.send("POST /proxies/p/toxics", timeout).status == 200)
        traffic.run { traffic.proxy.connectionCount == 1 }
        #expect(try traffic.harness.send("DELETE /proxies/p/toxics/t").status == 204)
        traffic.expectEnd()
    }

    @Test func `bytes are counted while they are open`() throws {
        let traffic = try Traffic()
        #expect(traffic.ask() == "HTTP/1.1 204")
        let text = try traffic.harness.send("GET /metrics").body
        let count = "GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8.count
        for name in ["received", "sent"] {
            let line =
                "toxiproxy_proxy_\(name)_bytes_total{direction=\"upstream\","
                + "listener=\"127.0.0.1:\(traffic.port)\",proxy=\"p\","
            let rest = try #require(text.firstRange(of: line)).upperBound
            #expect(text[rest...].prefix { $0 != "\n" }.hasSuffix("} \(count)"))
        }
        traffic.leave()
    }
}
