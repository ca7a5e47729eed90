import EventLoop
import Faults
import Testing

@testable import flagserver

struct VaurienConfigurationTests {
    private let directory = TemporaryDirectory()

    private func configuration(
        _ arguments: [String], file: String? = nil
    ) throws -> VaurienConfiguration {
        var arguments = arguments
        if let file { arguments += ["--config", try directory.write("v.ini", file)] }
        return try VaurienConfiguration(VaurienOptions.parse(arguments)) { _ in nil }
    }

    @Test func `without options it is Vaurien's defaults`() throws {
        let configuration = try configuration([])
        #expect(configuration.proxy == HostAndPort(host: "localhost", port: 8000))
        #expect(configuration.backend == HostAndPort(host: "localhost", port: 80))
        #expect(configuration.protocol == .tcp)
        #expect(configuration.mix.description == "dummy")
        #expect(configuration.http == nil)
        #expect(configuration.timeout == 30_000_000_000)
        #expect(!configuration.overwritesHostHeader)
        #expect(configuration.statsd == nil)
        #expect(configuration.logLevel == .info)
        #expect(configuration.logOutput == nil)
        #expect(configuration.warnings.isEmpty)
        #expect(configuration.options[.delay] == Behaviour.Options())
        #expect(configuration.options[.error] == Behaviour.Options())
        #expect(configuration.options[.transient] == Behaviour.Options())
    }

    @Test func `every option is read`() throws {
        let configuration = try configuration([
            "--protocol", "http", "--proxy", "127.0.0.1:0", "--backend", "[::1]:8001",
            "--behavior", "25:error,50:delay", "--timeout", "5", "--http",
            "--http-host", "127.0.0.1", "--http-port", "9", "--statsd.enabled",
            "--statsd.host", "stats", "--statsd.port", "1", "--statsd.prefix", "p",
            "--statsd.sample-rate", "0.5", "--log-level", "DEBUG", "--log-output", "/tmp/x",
            "--behavior-delay-sleep", ".5", "--behavior-delay-before", "--behavior-error-inject",
            "--behavior-error-warmup", "3", "--behavior-transient-inject",
            "--behavior-transient-warmup", "4", "--behavior-transient-agitate", "5",
            "--protocol-http-overwrite-host-header",
        ])
        #expect(configuration.proxy == HostAndPort(host: "127.0.0.1", port: 0))
        #expect(configuration.backend == HostAndPort(host: "::1", port: 8001))
        #expect(configuration.protocol == .http)
        #expect(configuration.mix.description == "25:error,50:delay")
        #expect(configuration.timeout == 5_000_000_000)
        #expect(configuration.http == HostAndPort(host: "127.0.0.1", port: 9))
        let half = try #require(Probability(0.5))
        #expect(
            configuration.statsd
                == .init(host: "stats", port: 1, prefix: "p", sampleRate: half))
        #expect(configuration.logLevel == .debug)
        #expect(configuration.logOutput == "/tmp/x")
        #expect(configuration.overwritesHostHeader)
        var (delay, error, transient) = (
            Behaviour.Options(), Behaviour.Options(), Behaviour.Options()
        )
        delay.sleep = 500_000_000
        (error.inject, error.warmup) = (true, 3)
        (transient.inject, transient.warmup, transient.agitate) = (true, 4, 5)
        #expect(configuration.options == [.delay: delay, .error: error, .transient: transient])
    }

    @Test func `what has no meaning here is accepted`() throws {
        var arguments = [
            "--bufsize", "1", "--stay-connected", "--pool-max-size", "1", "--pool-timeout", "1",
            "--sync", "--backlog", "16",
        ]
        for name in ["tcp", "http", "redis", "memcache", "mysql", "smtp"] {
            arguments += ["--protocol-\(name)-reuse-socket", "--protocol-\(name)-buffer", "8124"]
            if !["mysql", "smtp"].contains(name) { arguments += ["--protocol-\(name)-keep-alive"] }
        }
        #expect(try configuration(arguments).warnings.isEmpty)
    }

    // MARK: The file

    @Test func `the file wins over the command line, and what it says has effect`() throws {
        let file = """
            [vaurien]
            behavior = 100:delay
            protocol = redis
            http = true
            [behavior:delay]
            sleep = 2
            before = false
            [behavior:transient]
            agitate = 7
            [protocol:http]
            overwrite_host_header = on
            keep_alive = true
            [statsd]
            enabled = 1
            """
        let configuration = try configuration(
            ["--behavior", "hang", "--protocol", "tcp", "--behavior-delay-sleep", "9"], file: file)
        #expect(configuration.mix.description == "delay")
        let toxic = configuration.mix.parts.first?.toxics.first
        #expect(toxic?.fault == .latency(Latency(latency: 2_000_000_000, jitter: 0)))
        #expect(toxic?.stream == .downstream)
        #expect(configuration.protocol == .redis)
        #expect(configuration.http == HostAndPort(host: "localhost", port: 8080))
        #expect(configuration.options[.transient]?.agitate == 7)
        #expect(configuration.overwritesHostHeader)
        #expect(configuration.statsd == .init())
        #expect(configuration.warnings.isEmpty)
    }

    @Test func `settings that nobody looks at are named`() throws {
        let file = "[vaurien]\nprxy = a:1\n[behavior:delay]\ncallable = a.B\n[x]\ny = 1\n"
        #expect(
            try configuration([], file: file).warnings == [
                "behavior.delay.callable is no setting, and has no effect",
                "vaurien.prxy is no setting, and has no effect",
                "x.y is no setting, and has no effect",
            ])
    }

    // MARK: Behaviours

    @Test func `errors are 500 to 503, equally and without Retry-After`() throws {
        let mix = try configuration(["--protocol", "http", "--behavior", "100:error"]).mix
        let statuses = Respond(
            statuses: [(500, 1), (501, 1), (502, 1), (503, 1)], retryAfter: nil)
        #expect(mix.parts.first?.toxics.map(\.fault) == [.respond(statuses)])
        #expect(mix.parts.first?.toxics.map(\.stream) == [.upstream])
    }

    @Test func `with the API a behaviour holds only if it was given`() throws {
        #expect(try configuration(["--http"]).mix.description == "dummy")
        #expect(
            try configuration(["--http", "--behavior", "50:hang"]).mix.description == "50:hang")
        #expect(try configuration(["--behavior", "50:dummy"]).mix.description == "50:dummy")
    }

    // MARK: What it refuses

    static let refusals: [([String], String)] = [
        (["--backend", "nohost"], "Expected HOST:PORT: 'nohost'"),
        (["--proxy", "a:b"], "Expected HOST:PORT: 'a:b'"),
        (["--proxy", ":8000"], "Expected HOST:PORT: ':8000'"),
        (["--backend", "a:0"], "Expected HOST:PORT: 'a:0'"),
        (["--http", "--http-port", "x"], "Expected HOST:PORT: 'localhost:x'"),
        (["--http", "--http-host", "a b"], "Expected HOST:PORT: 'a b:8080'"),
        (
            ["--behavior", "80:error,50:delay"],
            "the behavior mix adds up to 130 % (error 80, delay 50)."
        ),
        (
            ["--protocol", "htp"],
            "unknown protocol 'htp' (tcp, http, redis, memcache, mysql, smtp, postgres, "
                + "charfinder). "
                + "Did you mean 'http'?"
        ),
        (["--timeout", "-1"], "vaurien.timeout -1 is no number of seconds."),
        (["--timeout", "nan"], "vaurien.timeout nan is no number of seconds."),
        (["--behavior-delay-sleep", "1e10"], "behavior.delay.sleep 1e10 is no number of seconds."),
        (["--behavior-error-warmup", "1.5"], "behavior.error.warmup 1.5 is no whole number."),
        (["--statsd.port", "0"], "statsd.port 0 is no port (1 to 65535)."),
        (
            ["--statsd.sample-rate", "2"],
            "statsd.sample-rate 2 is not a probability. Write 0.02 or 2%."
        ),
        (
            ["--log-level", "loud"],
            "unknown log level 'loud' (debug, info, warning, error, critical)."
        ),
    ]

    @Test(arguments: refusals)
    func `what is wrong is said`(arguments: [String], message: String) {
        let error = refusal { try configuration(arguments) }
        #expect(error?.status == .usage)
        #expect(error?.description == message)
    }

    @Test func `a flag in the file is true or false`() {
        #expect(
            refusal { try configuration([], file: "[vaurien]\nhttp = maybe\n") }?.description
                == "vaurien.http maybe is neither true nor false.")
    }

    @Test(arguments: [(".5", 500_000_000), ("1e-1", 100_000_000), ("2", 2_000_000_000), ("0", 0)])
    func `seconds are written as in Python`(text: String, expected: UInt64) throws {
        let configuration = try configuration(["--behavior-delay-sleep", text])
        #expect(configuration.options[.delay]?.sleep == expected)
    }
}
