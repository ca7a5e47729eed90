import ChaosProxy
import Faults
import Testing

@testable import flagserver

@Suite struct ConfigurationTests {
    private func settings(_ text: String) throws -> Settings { try Settings(configured: text) }

    @Test(arguments: ["", "# nothing\n", "---\n", "null", "{}", "[]", "proxies:\n", "proxies: []"])
    func `an empty file changes nothing`(text: String) throws {
        let settings = try settings(text)
        #expect(settings.proxies.isEmpty)
        #expect(FlagServers.toxics(of: .error, settings).count == 2)
    }

    /// Every key with a value.
    private static let values: [String: String] = [
        "fixtures": "./f", "dns": "[{name: def.dev, a: 127.0.0.1}]",
        "ports": "0", "edition": "2e", "bind": "loopback", "charfinder": "on", "delay": "0.5..5",
        "delay-rate": "50%", "error-rate": "0.25", "error-status": "[418, 503]",
        "error-mode": "exact", "retry-after": "none", "seed": "1", "protocol": "http",
        "behavior": "\"25:error\"", "control": "off", "control-bind": "127.0.0.1",
        "control-token": "secret", "max-concurrency": "5",
        "max-concurrency-per-client": "2", "keep-alive": "5s", "ring": "100",
        "log-file": "log", "over-limit": "queue", "rate": "600/m",
        "max-connections": "10", "ready-file": "r.json", "journal": "\"-\"", "grace": "1s",
        "world-ports": "20000..20999",
        "log-format": "json", "color": "never", "toxic": "[error:noop]",
        "proxy": "\"9000=localhost:1\"", "allowed-host": "a.test", "cors": "true",
        "no-fault-headers": "true", "quiet": "true", "verbose": "false",
        "proxies": "[{name: local}]",
    ]

    @Test func `every option is a key`() throws {
        #expect(Set(Self.values.keys) == Set(Configuration.keys))
        let lines = Self.values.map { (key: $0.key, value: $0.value) }
        let hyphens = lines.map { "\($0.key): \($0.value)" }.joined(separator: "\n")
        let underscores = lines.map {
            "\($0.key.replacing("-", with: "_")): \($0.value)"
        }.joined(separator: "\n")
        #expect(try settings(underscores).limits.maxConcurrency == 5)
        let settings = try settings(hyphens)
        #expect(settings.limits.maxConcurrency == 5)
        #expect(settings.limits.rate == 10)
        #expect(settings.limits.overLimit == .queue)
        #expect(settings.journal == "-")
        #expect(settings.control.port == nil)
        #expect(settings.proxies.map(\.name) == ["proxy9000"])
    }

    @Test func `JSON is YAML`() throws {
        let settings = try settings(
            #"{"seed": 3, "proxies": [{"name": "db", "listen": 9000, "upstream": "db:5432"}]}"#)
        #expect(settings.seed == 3)
        #expect(settings.proxies.first?.listen == "localhost:9000")
    }

    @Test func `ports may be a list or a mapping`() throws {
        let list = try settings("ports: [9001, 9002, 9003, off]")
        #expect(list.ports[.delay] == 9002)
        #expect(list.ports[.chaos] == nil)
        let mapping = try settings("ports: {local: 9001, chaos: off}")
        #expect(mapping.ports[.local] == 9001)
        #expect(mapping.ports[.error] == 8003)
        #expect(mapping.ports[.chaos] == nil)
    }

    @Test func `a byte order mark and Windows' line ends are no mistake`() throws {
        #expect(try settings("\u{feff}seed: 1\r\ndelay: 2\r\n").seed == 1)
    }

    @Test func `an alias stands for what it names`() throws {
        let settings = try settings(
            """
            proxies:
              - { name: a, listen: 9000, upstream: "x:1", toxics: &slow [{type: noop}] }
              - { name: b, listen: 9001, upstream: "x:1", toxics: *slow }
            """)
        #expect(settings.proxies.map(\.toxics.count) == [1, 1])
    }

    @Test func `many aliases are no bomb`() throws {
        let lines = (0..<60).map {
            "  - { name: p\($0), listen: \(9000 + $0), upstream: \"[::1]:5432\", toxics: *slow }\n"
        }
        let settings = try settings(
            "proxies:\n  - { name: a, listen: 8999, upstream: \"[::1]:1\", toxics: &slow "
                + "[{type: noop}] }\n" + lines.joined())
        #expect(settings.proxies.count == 61)
    }

    @Test func `the example of the documentation`() throws {
        let settings = try settings(Self.example)
        #expect(settings.seed == 42)
        #expect(settings.limits.maxConcurrency == 8)
        let toxics = FlagServers.toxics(of: .error, settings)
        #expect(
            toxics.map(\.name)
                == ["respond_upstream", "latency_downstream", "respond_upstream_2"])
        #expect(toxics[2].exchanges?.description == "1...2")
        #expect(toxics[2].match?.path == "/flags/br/*")
        #expect(FlagServers.toxics(of: .delay, settings).count == 1)
        #expect(settings.proxies.map(\.name) == ["db", "origin"])
        #expect(settings.proxies[0].toxics.first?.fault == .bandwidth(Bandwidth(rate: 64_000)))
        #expect(settings.proxies[1].listen == "localhost:9001")
        #expect(settings.proxies[1].protocol == .http)
        #expect(settings.proxies[1].mix?.description == "25:error,50:delay")
        #expect(
            FlagServers.summary(of: .error, settings)
                == "25 % → 418 / 503, 50 % → 0.5 s, 100 % → 503 (1...2 per target, /flags/br/*)")
    }

    static let example = """
        seed: 42
        fixtures: ./fixtures
        max-concurrency: 8
        proxies:
          - name: error
            toxics:
              - { type: respond, statuses: { 418: 1, 503: 1 }, toxicity: 0.25, retry_after: 1s }
              - { type: latency, latency: 500ms, toxicity: 0.5 }
              - { type: respond, statuses: { 503: 1 }, exchanges: "1...2",
                  match: { path: "/flags/br/*" } }
          - { name: db, listen: "127.0.0.1:9000", upstream: "127.0.0.1:5432", protocol: tcp,
              toxics: [ { type: bandwidth, rate: 64kB/s, stream: downstream } ] }
          - { name: origin, listen: 9001, upstream: "127.0.0.1:8001", protocol: http,
              behavior: "25:error,50:delay" }

        """

    // MARK: What is too much

    /// Each of the levels is nine times the one before it.
    private static let laughs =
        "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        + (1...11).map { level in
            let aliases = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            return "a\(level): &a\(level) [\(aliases)]\n"
        }.joined()

    @Test(arguments: [
        laughs + "proxies: *a11\n", laughs + "? *a11\n: x\n", laughs + "*a11 : x\n",
        laughs + "{[*a11]: x}\n", String(repeating: "[", count: 100_000),
        String(repeating: "- ", count: 100_000), String(repeating: "{a: ", count: 100_000),
        String(repeating: "? ", count: 100_000),
        String(repeating: "[", count: 500)
            + String(repeating: "]", count: 500), "proxies: &a [*a]",
        String(repeating: "k: [1]\n", count: 1000),
    ])
    func `what would take for ever is refused`(text: String) {
        #expect(refusal { try self.settings(text) }?.status == .configuration)
    }

    @Test func `files beyond a megabyte are refused`() throws {
        let folder = TemporaryDirectory()
        let text = "seed: 1\n#" + String(repeating: "x", count: 1 << 20)
        let path = try folder.write("c.yaml", text)
        let error = refusal { try Configuration(path: path) }
        #expect(error?.status == .missingInput)
        #expect(
            error?.description
                == "configuration file '\(path)' cannot be read: it is larger than 1 MiB.")
        try folder.write("c.yaml", String(text.prefix(1 << 20)))
        #expect(try Configuration(path: path).options.count == 1)
    }

    @Test func `there are at most a thousand proxies`() throws {
        func text(_ count: Int) -> String {
            "proxies:\n"
                + (0..<count).map { "- {name: p\($0), listen: \(9000 + $0), upstream: \"a:1\"}\n" }
                .joined()
        }
        #expect(try settings(text(1000)).proxies.count == 1000)
        #expect(
            refusal { try self.settings(text(1001)) }?.line
                == "c.yaml:1002:3: error: there are at most 1000 proxies.")
    }

    @Test func `a file that is missing has a neighbour of a like name`() throws {
        let folder = TemporaryDirectory()
        try folder.write("flagserver.yaml", "")
        let error = refusal { try Configuration(path: folder.file("flagserver.yml")) }
        #expect(error?.status == .missingInput)
        #expect(
            error?.line
                == "error: configuration file '\(folder.file("flagserver.yml"))' does not exist. "
                + "Did you mean 'flagserver.yaml'?")
        #expect(refusal { try Configuration(path: folder.path) }?.status == .missingInput)
    }
}

extension Settings {
    /// Those of a configuration file of this text, as `c.yaml`, and a command line.
    init(configured text: String, _ arguments: [String] = []) throws {
        let folder = TemporaryDirectory()
        let path = try folder.write("c.yaml", text)
        do {
            let sources = try OptionSources(["--config", path] + arguments) { _ in nil }
            try self.init(sources)
        } catch let error as CommandLineError {
            throw CommandLineError(
                error.status, error.reason,
                at: error.place.map {
                    CommandLineError.Place(path: "c.yaml", line: $0.line, column: $0.column)
                })
        }
    }
}
