import EventLoop

/// What `flagserver toxiproxy` is to do: Toxiproxy's own command line, read and checked.
struct ToxiproxyConfiguration {
    /// Of zerolog, which Toxiproxy logs with.
    enum LogLevel: String, CaseIterable, Comparable {
        case trace, debug, info, warn, error, fatal, panic

        static func < (left: LogLevel, right: LogLevel) -> Bool {
            allCases.firstIndex(of: left) ?? 0 < allCases.firstIndex(of: right) ?? 0
        }
    }

    /// The version whose API this is. Clients choose their verbs by it.
    static let version = "2.12.0"

    /// Of the API.
    let listen: HostAndPort
    /// Whether `-host` was given: that is consent to whom it lets in.
    let isHostGiven: Bool
    /// A JSON array of proxies, as for `/populate`.
    let configurationFile: String?
    /// nil: random.
    let seed: UInt64?
    let hasProxyMetrics: Bool
    let hasRuntimeMetrics: Bool
    let logLevel: LogLevel
    /// A `LOG_LEVEL` that there is not: an error in the log, and no more.
    let wrongLogLevel: String?

    /// - Parameter variable: the value of an environment variable; nil if it is not set.
    /// - Throws: `CommandLineError` 64.
    init(_ options: ToxiproxyOptions, variable: (String) -> String?) throws {
        let host = options.host ?? "localhost"
        guard let port = HostAndPort.port(options.port) else {
            throw OptionValues.usage("-port \(options.port) is no port (0 to 65535).")
        }
        // Go takes an empty host for all interfaces.
        let text = host.isEmpty ? "[::]" : host.contains(":") ? "[\(host)]" : host
        guard let listen = HostAndPort("\(text):\(port)") else {
            throw OptionValues.usage("-host \(host) is no host name or address.")
        }
        self.listen = listen
        isHostGiven = options.host != nil
        configurationFile = options.config.flatMap { $0.isEmpty ? nil : $0 }
        seed = try options.seed.map(Self.seed)
        (hasProxyMetrics, hasRuntimeMetrics) = (options.proxyMetrics, options.runtimeMetrics)
        let level = variable("LOG_LEVEL").flatMap { $0.isEmpty ? nil : $0 }
        logLevel = level.flatMap { LogLevel(rawValue: $0.lowercased()) } ?? .info
        wrongLogLevel = level.flatMap { LogLevel(rawValue: $0.lowercased()) == nil ? $0 : nil }
    }

    /// Toxiproxy's is signed.
    private static func seed(_ text: String) throws -> UInt64 {
        if let seed = Int64(text) { return UInt64(bitPattern: seed) }
        guard let seed = UInt64(text) else {
            throw OptionValues.usage("-seed \(text) is no whole number of 64 bits.")
        }
        return seed
    }
}
