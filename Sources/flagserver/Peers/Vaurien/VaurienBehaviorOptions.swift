import ArgumentParser

/// The settings of Vaurien's behaviours.
struct VaurienBehaviorOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How long delay waits, in seconds (default: 1).", valueName: "s"))
    var behaviorDelaySleep: String?

    @Flag(
        help: ArgumentHelp(
            "delay waits before the backend is asked, which is the default; "
                + "'before = false' in the file waits after it."))
    var behaviorDelayBefore = false

    @Flag(help: "error puts random data into the real data (not on http).")
    var behaviorErrorInject = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Exchanges before error begins (default: 0).", valueName: "n"))
    var behaviorErrorWarmup: String?

    @Flag(help: "transient puts random data into the real data (not on http).")
    var behaviorTransientInject = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Exchanges before transient begins (default: 0).", valueName: "n"))
    var behaviorTransientWarmup: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Exchanges that transient hits (default: 1).", valueName: "n"))
    var behaviorTransientAgitate: String?

    var values: [String: String] {
        given([
            ("behavior.delay.sleep", behaviorDelaySleep),
            ("behavior.delay.before", behaviorDelayBefore ? "true" : nil),
            ("behavior.error.inject", behaviorErrorInject ? "true" : nil),
            ("behavior.error.warmup", behaviorErrorWarmup),
            ("behavior.transient.inject", behaviorTransientInject ? "true" : nil),
            ("behavior.transient.warmup", behaviorTransientWarmup),
            ("behavior.transient.agitate", behaviorTransientAgitate),
        ])
    }
}

/// The settings of Vaurien's protocols. Connections stay open as long as both sides want, on every
/// protocol.
struct VaurienProtocolOptions: ParsableArguments {
    @Flag(help: "Put the backend into the Host field of requests.")
    var protocolHttpOverwriteHostHeader = false

    @Flag(help: "Accepted, without effect.") var protocolTcpKeepAlive = false
    @Flag(help: "Accepted, without effect.") var protocolHttpKeepAlive = false
    @Flag(help: "Accepted, without effect.") var protocolRedisKeepAlive = false
    @Flag(help: "Accepted, without effect.") var protocolMemcacheKeepAlive = false

    @Flag(help: "Accepted, without effect.") var protocolTcpReuseSocket = false
    @Flag(help: "Accepted, without effect.") var protocolHttpReuseSocket = false
    @Flag(help: "Accepted, without effect.") var protocolRedisReuseSocket = false
    @Flag(help: "Accepted, without effect.") var protocolMemcacheReuseSocket = false
    @Flag(help: "Accepted, without effect.") var protocolMysqlReuseSocket = false
    @Flag(help: "Accepted, without effect.") var protocolSmtpReuseSocket = false

    @Option(parsing: .unconditional, help: "Accepted, without effect.")
    var protocolTcpBuffer: String?
    @Option(parsing: .unconditional, help: "Accepted, without effect.")
    var protocolHttpBuffer: String?
    @Option(parsing: .unconditional, help: "Accepted, without effect.")
    var protocolRedisBuffer: String?
    @Option(parsing: .unconditional, help: "Accepted, without effect.")
    var protocolMemcacheBuffer: String?
    @Option(parsing: .unconditional, help: "Accepted, without effect.")
    var protocolMysqlBuffer: String?
    @Option(parsing: .unconditional, help: "Accepted, without effect.")
    var protocolSmtpBuffer: String?

    /// Only what has an effect.
    var values: [String: String] {
        given([
            (
                "protocol.http.overwrite_host_header",
                protocolHttpOverwriteHostHeader ? "true" : nil
            )
        ])
    }
}
