import ChaosProxy
import EventLoop
import Faults
import HTTPWire

/// What `flagserver vaurien` is to do: Vaurien's command line and file, read and checked.
struct VaurienConfiguration {
    /// Where counters go.
    struct Statsd: Equatable {
        var host = "localhost"
        var port: UInt16 = 8125
        var prefix = "vaurien"
        /// Share of the counters that is sent.
        var sampleRate = Probability.always
    }

    enum LogLevel: String, CaseIterable, Comparable {
        case debug, info, warning, error, critical

        static func < (left: LogLevel, right: LogLevel) -> Bool {
            allCases.firstIndex(of: left) ?? 0 < allCases.firstIndex(of: right) ?? 0
        }
    }

    /// 500, 501, 502 and 503 equally, as Vaurien answers them.
    static let errors = Respond(
        statuses: [(500, 1), (501, 1), (502, 1), (503, 1)], retryAfter: nil)

    /// Where to listen.
    let proxy: HostAndPort
    let backend: HostAndPort
    let `protocol`: ProxyProtocol
    let mix: BehaviourMix
    /// What a change by the API begins with, for each behaviour.
    let options: [Behaviour: Behaviour.Options]
    /// The API; nil: none.
    let http: HostAndPort?
    /// To connect to the backend, and without any data.
    let timeout: Nanoseconds
    let overwritesHostHeader: Bool
    let statsd: Statsd?
    let logLevel: LogLevel
    /// nil: stderr.
    let logOutput: String?
    /// Settings of the file that nobody looks at.
    let warnings: [String]

    /// - Parameter variable: the value of an environment variable; nil if it is not set.
    /// - Throws: `CommandLineError`: 1 for the file, 64 for a value.
    init(_ options: VaurienOptions, variable: @escaping (String) -> String?) throws {
        let file = try options.program.config.map { path in
            try VaurienFile(path: path, variable: variable).values
        }
        try self.init(options.values.merging(file ?? [:]) { _, inFile in inFile })
    }

    /// - Parameter values: by Vaurien's own names, `behavior.delay.sleep`.
    init(_ values: [String: String]) throws {
        let values = VaurienValues(values)
        proxy = try values.hostAndPort("vaurien.proxy", "localhost:8000")
        backend = try values.hostAndPort("vaurien.backend", "localhost:80")
        guard backend.port > 0 else { throw VaurienValues.notHostAndPort("\(backend)") }
        `protocol` = try ProxyOption.proxyProtocol(values["vaurien.protocol"] ?? "tcp")
        options = try Self.options(values)
        // With the API Vaurien begins as dummy, whatever --behavior says; here what is said holds.
        mix = try Self.mix(
            values["vaurien.behavior"] ?? "dummy", options,
            errors: `protocol` == .tcp ? nil : Self.errors)
        http = try Self.http(values)
        timeout = try values.seconds("vaurien.timeout", 30)
        overwritesHostHeader = try values.flag("protocol.http.overwrite_host_header", false)
        statsd = try Self.statsd(values)
        logLevel = try Self.logLevel(values["vaurien.log_level"])
        logOutput = values["vaurien.log_output"].flatMap { $0 == "-" ? nil : $0 }
        warnings = values.unknown.map { "\($0) is no setting, and has no effect" }
    }

    private static func mix(
        _ text: String, _ options: [Behaviour: Behaviour.Options], errors: Respond?
    ) throws -> BehaviourMix {
        do {
            return try BehaviourMix(text, options: options, errors: errors)
        } catch {
            throw OptionValues.usage(error.description)
        }
    }

    private static func options(_ values: VaurienValues) throws
        -> [Behaviour: Behaviour.Options]
    {
        var (delay, error) = (Behaviour.Options(), Behaviour.Options())
        delay.sleep = try values.seconds("behavior.delay.sleep", 1)
        delay.before = try values.flag("behavior.delay.before", true)
        error.inject = try values.flag("behavior.error.inject", false)
        error.warmup = try values.count("behavior.error.warmup", 0)
        var transient = Behaviour.Options()
        transient.inject = try values.flag("behavior.transient.inject", false)
        transient.warmup = try values.count("behavior.transient.warmup", 0)
        transient.agitate = try values.count("behavior.transient.agitate", 1)
        return [.delay: delay, .error: error, .transient: transient]
    }

    private static func http(_ values: VaurienValues) throws -> HostAndPort? {
        let host = values["vaurien.http_host"] ?? "localhost"
        let port = values["vaurien.http_port"] ?? "8080"
        guard try values.flag("vaurien.http", false) else { return nil }
        let text = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        return try values.hostAndPort(text)
    }

    private static func statsd(_ values: VaurienValues) throws -> Statsd? {
        var statsd = Statsd()
        let text = values["statsd.port"] ?? "\(statsd.port)"
        guard let port = HostAndPort.port(text), port > 0 else {
            throw OptionValues.usage("statsd.port \(text) is no port (1 to 65535).")
        }
        statsd.port = port
        statsd.host = values["statsd.host"] ?? statsd.host
        statsd.prefix = values["statsd.prefix"] ?? statsd.prefix
        statsd.sampleRate = try OptionValues.probability(
            values["statsd.sample_rate"] ?? "1", option: "statsd.sample-rate")
        return try values.flag("statsd.enabled", false) ? statsd : nil
    }

    private static func logLevel(_ text: String?) throws -> LogLevel {
        guard let text else { return .info }
        guard let level = LogLevel(rawValue: text.lowercased()) else {
            let names = LogLevel.allCases.map(\.rawValue).joined(separator: ", ")
            throw OptionValues.usage("unknown log level '\(text)' (\(names)).")
        }
        return level
    }
}
