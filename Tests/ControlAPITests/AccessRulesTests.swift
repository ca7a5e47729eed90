import ChaosProxy
import EventLoop
import Testing

@testable import ControlAPI

@Suite struct AccessRulesTests {
    /// A harness whose control port is 8474 on both loopbacks.
    private func harness(
        _ change: (inout APIOptions) -> Void = { _ in }
    ) throws -> ControlHarness {
        let harness = try ControlHarness(change)
        harness.registry.controlAddresses = ListenAddress(.loopbacks, port: 8474).addresses
        return harness
    }

    @Test(arguments: [
        "localhost:8474", "LOCALHOST:8474", "localhost.:8474", "127.0.0.1:8474", "127.9.8.7:8474",
        "[::1]:8474", "[::ffff:127.0.0.1]:8474", "localhost:9474", "localhost", "localhost:80",
        "localhost:", "127.0.0.1", "127.0.0.1:1", "[::1]",
    ])
    func `the loopback's names are ours, whatever the port`(_ host: String) throws {
        #expect(try harness().send("GET /version", host: host).status == 200)
    }

    @Test(arguments: [
        "evil.example:8474", "evil.example", "[::2]:8474",
        "localhost.evil.example:8474", "127.0.0.1.nip.io:8474", "192.168.1.5:8474", "0.0.0.0:8474",
        "", ":8474", "xlocalhost:8474",
    ])
    func `other names are refused`(_ host: String) throws {
        for line in ["GET /version", "GET /x", "POST /reset", "GET /behaviors"] {
            #expect(try harness().send(line, host: host).status == 421)
        }
    }

    @Test func `a name in the request target counts too`() throws {
        let line = "GET http://evil.example:8474/version"
        #expect(try harness().send(line).status == 421)
        #expect(try harness().send("GET http://localhost:8474/version").status == 200)
    }

    @Test func `allowed names may have any port`() throws {
        let harness = try harness { $0.allowedHosts = ["Box.example"] }
        for host in ["box.example:8474", "box.example", "BOX.example:18474"] {
            #expect(try harness.send("GET /version", host: host).status == 200)
        }
        #expect(try harness.send("GET /version", host: "x.box.example:8474").status == 421)
    }

    @Test func `the address that is bound is ours`() throws {
        let harness = try ControlHarness()
        let bound = try #require(SocketAddress(host: "192.0.2.7", port: 8474))
        harness.registry.controlAddresses = [bound]
        #expect(try harness.send("GET /version", host: "192.0.2.7:8474").status == 200)
        #expect(try harness.send("GET /version", host: "192.0.2.8:8474").status == 421)
        harness.registry.controlAddresses = ListenAddress(.all, port: 8474).addresses
        #expect(try harness.send("GET /version", host: "192.0.2.8:8474").status == 200)
        #expect(try harness.send("GET /version", host: "evil.example:8474").status == 421)
    }

    @Test(arguments: [
        "Origin: http://evil.example", "Origin: null", "Origin: https://localhost:8474",
        "Origin: http://localhost:3000", "Origin: http://127.0.0.1:8474", "Origin: ",
        "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site", "Sec-Fetch-Site: x",
    ])
    func `pages of other sites are refused in every mode`(_ field: String) throws {
        for mode in [APIOptions.Mode.flagserver, .toxiproxy, .vaurien] {
            let harness = try harness { $0.mode = mode }
            for line in ["GET /version", "POST /reset", "PUT /behavior", "GET /x"] {
                #expect(try harness.send(line, "{}", fields: [field]).status == 403)
            }
        }
    }

    @Test func `our own page is not refused`() throws {
        let fields = ["Origin: http://localhost:8474", "Sec-Fetch-Site: same-origin"]
        #expect(try harness().send("POST /reset", fields: fields).status == 204)
        #expect(try harness().send("GET /", fields: ["Sec-Fetch-Site: none"]).status == 200)
    }

    @Test func `two origins are one too many`() throws {
        let fields = ["Origin: http://localhost:8474", "Origin: http://evil.example"]
        #expect(try harness().send("POST /reset", fields: fields).status == 403)
    }

    @Test func `on a public address any name goes, but no page`() throws {
        let harness = try harness {
            $0.mode = .toxiproxy
            $0.acceptsAnyHost = true
        }
        #expect(try harness.send("GET /version", host: "toxiproxy:8474").status == 200)
        let rebound = ["Origin: http://evil.example:8474"]
        #expect(
            try harness.send("POST /reset", host: "evil.example:8474", fields: rebound).status
                == 403)
    }

    @Test func `a token makes up for a name that is not known`() throws {
        let harness = try harness { ($0.token, $0.acceptsAnyHost) = ("secret", true) }
        let fields = ["Origin: http://box:8474", "Authorization: Bearer secret"]
        #expect(try harness.send("POST /reset", host: "box:8474", fields: fields).status == 204)
        let other = ["Origin: http://evil.example", "Authorization: Bearer secret"]
        #expect(try harness.send("POST /reset", host: "box:8474", fields: other).status == 403)
    }

    @Test func `a token must be right`() throws {
        let harness = try harness { $0.token = "secret" }
        let refused = try harness.send("GET /version")
        #expect(refused.status == 401)
        #expect(refused["WWW-Authenticate"]?.hasPrefix("Bearer") == true)
        for value in [
            "Bearer secreT", "Bearer secre", "Bearer secrets", "Bearer ", "Basic secret", "secret",
        ] {
            #expect(
                try harness.send("GET /version", fields: ["Authorization: \(value)"]).status == 401)
        }
        for scheme in ["Bearer", "bearer"] {
            let fields = ["Authorization: \(scheme) secret"]
            #expect(try harness.send("GET /version", fields: fields).status == 200)
        }
        let twice = ["Authorization: Bearer secret", "Authorization: Bearer x"]
        #expect(try harness.send("GET /version", fields: twice).status == 401)
    }

    @Test func `a client of HTTP 1.0 that names no host is no browser`() throws {
        #expect(try harness().send("GET /version", host: nil).status == 200)
    }
}
