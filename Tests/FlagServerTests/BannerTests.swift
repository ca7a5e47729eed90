import ChaosProxy
import EventLoop
import Faults
import HTTPWire
import Testing

@testable import ChaosProxy
@testable import flagserver

struct BannerTests {
    /// Servers on free ports, with the loop that they live on.
    private struct Servers {
        let loop: EventLoop
        var proxies: [(name: FlagServerName, proxy: Proxy)] = []

        init(_ names: [FlagServerName], _ settings: Settings) throws {
            loop = try EventLoop()
            let environment = ProxyEnvironment(date: 0) { Instant(nanoseconds: 0) }
            for name in names {
                let proxy = Proxy(
                    name: name.rawValue, plan: FlagServers.plan(of: name, settings),
                    upstream: .site { _ in preconditionFailure("nobody asks") },
                    environment: environment)
                try Binding(proxy: proxy, limits: [], loop: loop).bind(settings.bind, port: 0)
                proxies.append((name, proxy))
            }
        }

        func url(_ name: FlagServerName) -> String {
            let proxy = proxies.first { $0.name == name }?.proxy
            return "http://\(proxy?.authority ?? "?")/flags/"
        }
    }

    private func banner(
        _ servers: Servers, _ settings: Settings, edition: Edition = .first
    ) -> Banner {
        Banner(
            settings: settings, edition: edition, engine: "libevent 9 (epoll)",
            fixtures: "./fixtures", countries: 194, fixtureBytes: 2_345_678,
            proxies: servers.proxies)
    }

    private func lines(_ text: String) -> [String] {
        #expect(text.hasSuffix("\n"))
        return text.dropLast().split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
    }

    // MARK: For people

    @Test func `people read versions, seed, fixtures and every server`() throws {
        let settings = try settings(["--seed", "42", "--bind", "127.0.0.1"])
        let servers = try Servers(FlagServerName.allCases, settings)
        let ports = servers.proxies.map { "127.0.0.1:\($0.proxy.port)" }
        let widest = ports.map(\.count).max() ?? 0
        let urls = ports.map { port in
            "http://\(port)/flags/" + String(repeating: " ", count: widest - port.count)
        }
        #expect(
            lines(banner(servers, settings).people) == [
                "  flagserver 0.1.0   libevent 9 (epoll)   seed 42   fixtures ./fixtures: "
                    + "194 countries, 2.3 MB",
                "  LOCAL   \(urls[0])   no faults",
                "  DELAY   \(urls[1])   0.5 s, every request",
                "  ERROR   \(urls[2])   25 % → 418 / 503, 50 % → 0.5 s",
                "  book's 2nd edition? --edition 2e   ·   Ctrl-C stops   ·   "
                    + "try: curl -sO \(ports[0])/flags/br/br.gif",
            ])
    }

    @Test func `only servers that run are shown, and the first of them is to be tried`() throws {
        let settings = try settings([])
        let servers = try Servers([.delay], settings)
        let lines = lines(banner(servers, settings).people)
        #expect(lines.count == 3)
        #expect(lines[1] == "  DELAY   \(servers.url(.delay))   0.5 s, every request")
        let authority = servers.proxies[0].proxy.authority
        #expect(lines[2].hasSuffix("try: curl -sO \(authority)/flags/br/br.gif"))
    }

    @Test func `the second edition says what it stands for and is not proposed again`() throws {
        let settings = try settings(["--edition", "2e"])
        let servers = try Servers([.local], settings)
        let text = banner(servers, settings, edition: .second).people
        #expect(text.contains("\n  --edition 2e stands for \(Edition.second.options)\n"))
        #expect(!text.contains("2nd edition?"))
        #expect(text.contains("\n  Ctrl-C stops   ·   try: "))
    }

    @Test func `an open door is said`() throws {
        let sentence = "\n  listening on all interfaces, not only on this machine\n"
        let all = try settings(["--bind", "all"])
        #expect(try banner(Servers([.local], all), all).people.contains(sentence))
        let loopback = try settings([])
        #expect(try !banner(Servers([.local], loopback), loopback).people.contains(sentence))
    }

    @Test func `localhost is said only if both loopbacks are bound`() throws {
        let settings = try settings([])
        let servers = try Servers([.local], settings)
        let proxy = servers.proxies[0].proxy
        let hosts = proxy.addresses.map(\.host)
        #expect(Set(proxy.addresses.map(\.port)).count == 1)
        let expected = hosts == ["127.0.0.1", "::1"] ? "localhost" : "127.0.0.1"
        #expect(proxy.authority == "\(expected):\(proxy.port)")
    }

    // MARK: For programs

    @Test func `programs read a line for each server`() throws {
        let settings = try settings(["--seed", "42", "--bind", "127.0.0.1"])
        let servers = try Servers([.local, .error], settings)
        let ports = servers.proxies.map { "127.0.0.1:\($0.proxy.port)" }
        #expect(
            lines(banner(servers, settings).lines) == [
                "version=\(HTTPSerializer.server) engine=\"libevent 9 (epoll)\" seed=42 "
                    + "fixtures=\"./fixtures\" countries=194",
                "server=local url=http://\(ports[0])/flags/ addresses=\(ports[0]) "
                    + "faults=\"no faults\"",
                "server=error url=http://\(ports[1])/flags/ addresses=\(ports[1]) "
                    + "faults=\"25 % → 418 / 503, 50 % → 0.5 s\"",
            ])
    }

    @Test func `programs read every address and the options of the edition`() throws {
        let settings = try settings(["--edition", "2e"])
        let servers = try Servers([.local], settings)
        let lines = lines(banner(servers, settings, edition: .second).lines)
        #expect(lines[1] == "edition=2e options=\"\(Edition.second.options)\"")
        let addresses = servers.proxies[0].proxy.addresses.map { "\($0)" }
        #expect(lines[2].contains(" addresses=\(addresses.joined(separator: ",")) "))
    }

    // MARK: Farewell

    @Test func `the farewell of a quiet day`() throws {
        let settings = try settings([])
        let servers = try Servers(FlagServerName.allCases, settings)
        #expect(
            banner(servers, settings).farewell(seconds: 0) == "0 requests in 0 s; "
                + "ERROR injected 0 of 0 (0 %, target 25 %); peak concurrency 0; "
                + "malformed or late requests 0; unplanned errors 0\n")
    }

    @Test func `the farewell adds up what the servers counted`() throws {
        let settings = try settings(["--error-rate", "12.5%"])
        let servers = try Servers(FlagServerName.allCases, settings)
        let (local, error) = (servers.proxies[0].proxy, servers.proxies[2].proxy)
        for _ in 0..<4 { _ = local.began() }
        for _ in 0..<3 { _ = error.began() }
        error.injected()
        error.ended()
        for _ in 0..<2 { _ = error.refused() }
        local.failed()
        #expect(
            banner(servers, settings).farewell(seconds: 12.3456) == "7 requests in 12.3 s; "
                + "ERROR injected 1 of 3 (33.3 %, target 12.5 %); peak concurrency 4; "
                + "malformed or late requests 2; unplanned errors 1\n")
    }

    @Test func `without ERROR the farewell has no share of errors`() throws {
        let settings = try settings([])
        let servers = try Servers([.local], settings)
        #expect(
            banner(servers, settings).farewell(seconds: 60) == "0 requests in 60 s; "
                + "peak concurrency 0; malformed or late requests 0; unplanned errors 0\n")
    }
}
