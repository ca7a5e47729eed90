import HTTPWire
import Records
import Testing

@testable import ChaosProxy
@testable import flagserver

struct BannerTests {
    /// A flag server on a port, as the program would describe it.
    private func server(
        _ name: FlagServer, _ port: UInt16, _ settings: Settings,
        host: String = "localhost", counters: ProxyCounters = ProxyCounters()
    ) -> Banner.Server {
        Banner.Server(
            flagServer: name, name: name.rawValue, protocol: .http, authority: "\(host):\(port)",
            addresses: ["127.0.0.1:\(port)", "[::1]:\(port)"],
            upstream: name == .chaos ? "127.0.0.1:8001" : nil,
            summary: FlagServers.summary(of: name, settings), counters: counters)
    }

    private func servers(_ settings: Settings) -> [Banner.Server] {
        zip(FlagServer.allCases, [8001, 8002, 8003, 8004, 8005] as [UInt16])
            .map { server($0, $1, settings) }
    }

    private func proxy(_ name: String, _ protocol: ProxyProtocol) -> Banner.Server {
        Banner.Server(
            flagServer: nil, name: name, protocol: `protocol`, authority: "localhost:9000",
            addresses: ["127.0.0.1:9000"], upstream: "db:5432", summary: "no faults",
            counters: ProxyCounters())
    }

    private func banner(
        _ servers: [Banner.Server], _ settings: Settings, edition: Edition = .first,
        fixtures: FixtureSource = .directory("./fixtures"), control: Banner.Control? = nil
    ) -> Banner {
        Banner(
            seed: settings.seed, bind: settings.bind, errorRate: settings.errorRate.fraction,
            edition: edition, preset: "--ports 8000", engine: "libevent 9 (epoll)",
            fixtures: fixtures,
            countries: 194, servers: servers, control: control, notes: settings.notes)
    }

    private func lines(_ text: String) -> [String] {
        #expect(text.hasSuffix("\n"))
        return text.dropLast().split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
    }

    private let control = Banner.Control(
        authority: "localhost:8474", addresses: ["127.0.0.1:8474", "[::1]:8474"])

    // MARK: For people

    @Test func `people read versions, seed, fixtures and every server`() throws {
        let settings = try settings(["--seed", "42"])
        #expect(
            lines(banner(servers(settings), settings, control: control).people(width: nil)) == [
                "  flagserver 0.1.0   libevent 9 (epoll)   seed 42   "
                    + "194 flags from ./fixtures",
                "  LOCAL   http://localhost:8001/flags/   no faults",
                "  DELAY   http://localhost:8002/flags/   0.5 s, every request",
                "  ERROR   http://localhost:8003/flags/   25 % → 418 / 503, 50 % → 0.5 s",
                "  CHAOS   http://localhost:8004/flags/   → 127.0.0.1:8001   25 % → 418 / 503, "
                    + "50 % → 0.5 s",
                "  FAULT   http://localhost:8005/         faults named by each URL, / lists them",
                "  control http://localhost:8474/         a page · Toxiproxy's and Vaurien's API · "
                    + "/metrics",
                "  book's 2nd edition? --edition 2e   ·   Ctrl-C stops   ·   "
                    + "try: curl -sO localhost:8001/flags/br/br.gif",
            ])
    }

    @Test func `without flag servers nothing is said of flags`() throws {
        let settings = try settings(["--seed", "42", "--ports", "off"])
        let banner = banner([proxy("db", .tcp)], settings, fixtures: .builtIn, control: control)
        #expect(
            lines(banner.people(width: nil)) == [
                "  flagserver 0.1.0   libevent 9 (epoll)   seed 42   no flag servers",
                "  db      localhost:9000           → db:5432   no faults",
                "  control http://localhost:8474/   a page · Toxiproxy's and Vaurien's API · "
                    + "/metrics",
                "  Ctrl-C stops",
            ])
        #expect(
            lines(banner.lines)[0]
                == "version=flagserver/0.1.0 engine=\"libevent 9 (epoll)\" seed=42")
    }

    @Test func `files that are no flags are found at the root`() throws {
        let settings = try settings(["--seed", "42"])
        var banner = banner(servers(settings), settings, fixtures: .directory("x"))
        banner.page = "/"
        let people = lines(banner.people(width: nil))
        #expect(people[1] == "  LOCAL   http://localhost:8001/   no faults")
        #expect(people.last?.hasSuffix("try: curl localhost:8001/") == true)
        #expect(lines(banner.lines)[1].contains(" url=http://localhost:8001/ addresses="))
        #expect(FixtureSource.directory("x").summary(0) == "the files of x")
        #expect(FixtureSource.directory("x").reloaded(0) == "reloaded x")
    }

    @Test func `what does not fit on a terminal of 80 columns stands below`() throws {
        let settings = try settings(["--seed", "42"])
        let text = banner(servers(settings), settings, control: control).people(width: 80)
        #expect(
            lines(text) == [
                "  flagserver 0.1.0   libevent 9 (epoll)   seed 42   194 flags from ./fixtures",
                "  LOCAL   http://localhost:8001/flags/   no faults",
                "  DELAY   http://localhost:8002/flags/   0.5 s, every request",
                "  ERROR   http://localhost:8003/flags/   25 % → 418 / 503, 50 % → 0.5 s",
                "  CHAOS   http://localhost:8004/flags/   → 127.0.0.1:8001",
                "                                         25 % → 418 / 503, 50 % → 0.5 s",
                "  FAULT   http://localhost:8005/         faults named by each URL, / lists them",
                "  control http://localhost:8474/         a page · Toxiproxy's and Vaurien's API",
                "                                         /metrics",
                "  book's 2nd edition? --edition 2e   ·   Ctrl-C stops",
                "  try: curl -sO localhost:8001/flags/br/br.gif",
            ])
    }

    @Test(arguments: [60, 80, 100, 120, 200])
    func `no line is wider than the terminal`(width: Int) throws {
        let settings = try settings(["--edition", "2e", "--bind", "all", "--ports", "local=off"])
        let long = proxy(String(repeating: "long-", count: 5), .http)
        let banner = banner(
            servers(settings) + [long], settings, edition: .second, control: control)
        for line in lines(banner.people(width: width) + banner.farewell(seconds: 1, width: width)) {
            #expect(line.columns <= width, "\(line)")
        }
    }

    @Test func `which flags are served is said`() throws {
        let settings = try settings(["--seed", "42"])
        let banner = banner(servers(settings), settings, fixtures: .builtIn)
        #expect(
            lines(banner.people(width: nil))[0]
                == "  flagserver 0.1.0   libevent 9 (epoll)   seed 42   194 flags, built in")
        #expect(lines(banner.lines)[0].hasSuffix(" fixtures=\"built-in flags\" countries=194"))
    }

    @Test func `a proxy has a line with its backend, and a URL only on http`() throws {
        let settings = try settings([])
        let servers = [
            server(.local, 8001, settings), proxy("db", .tcp), proxy("long-name", .http),
        ]
        #expect(
            lines(banner(servers, settings).people(width: nil)).dropFirst().dropLast() == [
                "  LOCAL     http://localhost:8001/flags/   no faults",
                "  db        localhost:9000                 → db:5432   no faults",
                "  long-name http://localhost:9000/         → db:5432   no faults",
            ])
    }

    @Test func `only servers that run are shown, and the first of them is to be tried`() throws {
        let settings = try settings([])
        let lines = lines(banner([server(.delay, 8002, settings)], settings).people(width: nil))
        #expect(lines.count == 3)
        #expect(lines[1] == "  DELAY   http://localhost:8002/flags/   0.5 s, every request")
        #expect(lines[2].hasSuffix("try: curl -sO localhost:8002/flags/br/br.gif"))
    }

    @Test func `without a flag server there is nothing to be tried`() throws {
        let text = banner([proxy("db", .tcp)], try settings([])).people(width: nil)
        #expect(text.hasSuffix("\n  Ctrl-C stops\n"))
    }

    @Test func `the second edition says what it stands for and is not proposed again`() throws {
        let settings = try settings(["--edition", "2e"])
        let text = banner(servers(settings), settings, edition: .second).people(width: nil)
        #expect(text.contains("\n  --edition 2e stands for --ports 8000\n"))
        #expect(!text.contains("2nd edition?"))
        #expect(text.contains("\n  Ctrl-C stops   ·   try: "))
    }

    @Test func `an open door is said`() throws {
        let sentence = "\n  listening on all interfaces, not only on this machine\n"
        let all = try settings(["--bind", "all"])
        #expect(banner(servers(all), all).people(width: nil).contains(sentence))
        let loopback = try settings([])
        #expect(!banner(servers(loopback), loopback).people(width: nil).contains(sentence))
    }

    @Test func `that CHAOS went with LOCAL is said`() throws {
        let settings = try settings(["--ports", "local=off"])
        let banner = banner([server(.delay, 8002, settings)], settings)
        let note = "CHAOS is off, for LOCAL, to which it leads, is off"
        #expect(banner.people(width: nil).contains("\n  \(note)\n"))
        #expect(banner.lines.contains("\nnote=\"\(note)\"\n"))
    }

    // MARK: For programs

    @Test func `programs read a line for each server`() throws {
        let settings = try settings(["--seed", "42"])
        let local = server(.local, 8001, settings, host: "127.0.0.1")
        let servers = [local, server(.chaos, 8004, settings), proxy("db", .redis)]
        #expect(
            lines(banner(servers, settings, control: control).lines) == [
                "version=\(HTTPSerializer.server) engine=\"libevent 9 (epoll)\" seed=42 "
                    + "fixtures=\"./fixtures\" countries=194",
                "server=local url=http://127.0.0.1:8001/flags/ "
                    + "addresses=127.0.0.1:8001,[::1]:8001 faults=\"no faults\"",
                "server=chaos url=http://localhost:8004/flags/ "
                    + "addresses=127.0.0.1:8004,[::1]:8004 upstream=127.0.0.1:8001 "
                    + "faults=\"25 % → 418 / 503, 50 % → 0.5 s\"",
                "proxy=db protocol=redis url=localhost:9000 addresses=127.0.0.1:9000 "
                    + "upstream=db:5432 faults=\"no faults\"",
                "control=http://localhost:8474/ addresses=127.0.0.1:8474,[::1]:8474",
            ])
    }

    @Test func `programs read the options of the edition`() throws {
        let settings = try settings(["--edition", "2e"])
        let lines = lines(banner(servers(settings), settings, edition: .second).lines)
        #expect(lines[1] == "edition=2e options=\"--ports 8000\"")
    }

    // MARK: Farewell

    @Test func `the farewell of a quiet day`() throws {
        let settings = try settings([])
        #expect(
            banner(servers(settings), settings).farewell(seconds: 0) == "0 requests in 0 s; "
                + "ERROR injected 0 of 0 (0 %, target 25 %); peak concurrency 0; "
                + "malformed or late requests 0; unplanned errors 0\n")
    }

    @Test func `the farewell adds up what the servers counted`() throws {
        let settings = try settings(["--error-rate", "12.5%"])
        var (local, error) = (ProxyCounters(), ProxyCounters())
        (local.requests, local.peak) = (4, 4)
        var lost = ExchangeRecord(proxy: "local")
        lost.ending = .clientRST
        local.recorded.add(lost)
        lost.hasGivenUp = true
        local.recorded.add(lost)
        (error.requests, error.peak, error.injected) = (8, 3, 1)
        (error.malformed, error.refused) = (2, 5)
        let servers = [
            server(.local, 8001, settings, counters: local),
            server(.error, 8003, settings, counters: error),
        ]
        #expect(
            banner(servers, settings).farewell(seconds: 12.3456) == "12 requests in 12.3 s; "
                + "ERROR injected 1 of 3 (33.3 %, target 12.5 %); peak concurrency 4; "
                + "refused over a limit 5; malformed or late requests 2; clients that gave up 1; "
                + "unplanned errors 1\n")
    }

    @Test func `without ERROR the farewell has no share of errors`() throws {
        let settings = try settings([])
        #expect(
            banner([server(.local, 8001, settings)], settings).farewell(seconds: 60)
                == "0 requests in 60 s; peak concurrency 0; malformed or late requests 0; "
                + "unplanned errors 0\n")
    }
}
