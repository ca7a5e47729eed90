import EventLoop
import Testing

@testable import flagserver

struct ToxiproxyConfigurationTests {
    private func configuration(
        _ arguments: [String], logLevel: String? = nil
    ) throws -> ToxiproxyConfiguration {
        let words = ToxiproxyCommand.parsable(["toxiproxy"] + arguments).dropFirst()
        let options = try ToxiproxyOptions.parse(Array(words))
        return try ToxiproxyConfiguration(options) { $0 == "LOG_LEVEL" ? logLevel : nil }
    }

    @Test func `without options it is Toxiproxy's defaults`() throws {
        let configuration = try configuration([])
        #expect(configuration.listen == HostAndPort(host: "localhost", port: 8474))
        #expect(!configuration.isHostGiven)
        #expect(configuration.configurationFile == nil)
        #expect(configuration.seed == nil)
        #expect(!configuration.hasProxyMetrics)
        #expect(!configuration.hasRuntimeMetrics)
        #expect(configuration.logLevel == .info)
        #expect(configuration.wrongLogLevel == nil)
    }

    @Test(arguments: ["-", "--"])
    func `every option is read, with one hyphen or two`(hyphens: String) throws {
        let arguments = [
            "host", "0.0.0.0", "port", "80", "config", "a.json", "seed", "42", "proxy-metrics",
            "runtime-metrics",
        ]
        let names: Set = ["host", "port", "config", "seed", "proxy-metrics", "runtime-metrics"]
        let configuration = try configuration(
            arguments.map { names.contains($0) ? hyphens + $0 : $0 })
        #expect(configuration.listen == HostAndPort(host: "0.0.0.0", port: 80))
        #expect(configuration.isHostGiven)
        #expect(configuration.configurationFile == "a.json")
        #expect(configuration.seed == 42)
        #expect(configuration.hasProxyMetrics)
        #expect(configuration.hasRuntimeMetrics)
    }

    @Test func `values may stand behind an equals sign, flags' too`() throws {
        let configuration = try configuration([
            "-host=::1", "--port=1", "-proxy-metrics=true", "--runtime-metrics=false",
        ])
        #expect(configuration.listen == HostAndPort(host: "::1", port: 1))
        #expect(configuration.hasProxyMetrics)
        #expect(!configuration.hasRuntimeMetrics)
    }

    @Test func `an empty host is all interfaces, as in Go`() throws {
        let configuration = try configuration(["-host="])
        #expect(configuration.listen == HostAndPort(host: "::", port: 8474))
        #expect(configuration.isHostGiven)
    }

    @Test func `a seed may be negative`() throws {
        #expect(try configuration(["-seed", "-1"]).seed == .max)
        #expect(try configuration(["-seed", "18446744073709551615"]).seed == .max)
        #expect(
            refusal { try configuration(["-seed", "x"]) }?.description
                == "-seed x is no whole number of 64 bits.")
    }

    @Test func `a port or host that is none is refused`() {
        for port in ["65536", "http", "80 "] {
            let error = refusal { try configuration(["-port", port]) }
            #expect(error?.status == .usage)
            #expect(error?.description == "-port \(port) is no port (0 to 65535).")
        }
        #expect(
            refusal { try configuration(["-host", "a/b"]) }?.description
                == "-host a/b is no host name or address.")
    }

    @Test func `LOG_LEVEL is the environment's, and a wrong one is told, not refused`() throws {
        for level in ToxiproxyConfiguration.LogLevel.allCases {
            #expect(try configuration([], logLevel: level.rawValue).logLevel == level)
        }
        #expect(try configuration([], logLevel: "WARN").logLevel == .warn)
        let wrong = try configuration([], logLevel: "loud")
        #expect(wrong.logLevel == .info)
        #expect(wrong.wrongLogLevel == "loud")
        #expect(try configuration([], logLevel: "").wrongLogLevel == nil)
    }

    @Test func `levels are ordered`() {
        #expect(ToxiproxyConfiguration.LogLevel.debug < .info)
        #expect(ToxiproxyConfiguration.LogLevel.trace < .panic)
        #expect(VaurienConfiguration.LogLevel.debug < .critical)
    }
}
