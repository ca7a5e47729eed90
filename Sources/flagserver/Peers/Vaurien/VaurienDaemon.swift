import ChaosProxy
import ControlAPI
import EventLoop
import Faults
import Glibc
import Records

/// `flagserver vaurien` at work: one proxy, its API if it is wanted, and Vaurien's log.
final class VaurienDaemon {
    private static let proxyName = "vaurien"

    private let configuration: VaurienConfiguration
    private let log: LogWriter
    private let seed: UInt64

    /// - Throws: `CommandLineError` if the log's file cannot be opened.
    init(_ configuration: VaurienConfiguration) throws {
        self.configuration = configuration
        var descriptor = STDERR_FILENO
        if let path = configuration.logOutput {
            descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else {
                let reason = String(cString: strerror(errno))
                throw CommandLineError(
                    .cannotWrite, "cannot write --log-output '\(path)': \(reason).")
            }
        }
        log = LogWriter(descriptor: descriptor)
        seed = Self.chosenSeed
    }

    /// Vaurien has no seed; ours comes from the environment, or is drawn and told.
    private static var chosenSeed: UInt64 {
        getenv("FLAGSERVER_SEED").flatMap { UInt64(String(cString: $0)) }
            ?? UInt64.random(in: 1_000_000...9_999_999)
    }

    /// Serves until a signal ends it.
    func run() throws {
        let supervisor = try Supervisor(supervision) { [self] text in
            let isWarning = text.hasPrefix("warning: ")
            say(isWarning ? .warning : .info, String(text.dropFirst(isWarning ? 9 : 0)))
        }
        try open(supervisor)
        tell(supervisor)
        count(supervisor)
        defer { log.flush(milliseconds: 500) }
        try supervisor.run()
        say(.info, "Bye!")
        log.flush(milliseconds: 500)
        Glibc.exit(0)
    }

    private var supervision: Supervisor.Options {
        var options = Supervisor.Options(seed: seed)
        options.world.connectTimeout = configuration.timeout
        options.world.errors = VaurienConfiguration.errors
        options.world.overwritesHost = configuration.overwritesHostHeader
        return options
    }

    private func open(_ supervisor: Supervisor) throws {
        let specification = ProxySpecification(
            name: Self.proxyName, listen: "\(configuration.proxy)",
            upstream: "\(configuration.backend)", protocol: configuration.protocol,
            mix: configuration.mix)
        do throws(ProxyError) {
            try supervisor.registry.create(specification, origin: .start)
        } catch {
            throw CommandLineError(error, of: "--proxy \(configuration.proxy)") { _ in
                "Choose another one with --proxy HOST:PORT."
            }
        }
        guard let http = configuration.http else { return }
        var options = APIOptions()
        options.mode = .vaurien
        options.behaviourProxy = Self.proxyName
        options.behaviourOptions = configuration.options
        options.errors = VaurienConfiguration.errors
        do throws(ProxyError) {
            let address = try ListenAddress("\(http)")
            options.acceptsAnyHost = address.hosts == .all
            try supervisor.openControl(options, on: address)
        } catch {
            throw CommandLineError(error, of: "--http-host \(http.host)") { _ in
                "Choose another one with --http-port."
            }
        }
    }

    // MARK: The log

    private func tell(_ supervisor: Supervisor) {
        for warning in configuration.warnings { say(.warning, warning) }
        say(.info, "Starting the Chaos TCP Server")
        say(.info, "Options:")
        let listen = supervisor.registry[Self.proxyName]?.listenText ?? "\(configuration.proxy)"
        say(.info, "* proxies from \(listen) to \(configuration.backend)")
        say(.info, "* protocol: \(configuration.protocol.rawValue)")
        say(.info, "* behavior: \(configuration.mix)")
        say(.info, "* timeout: \(Notation.readable(configuration.timeout))")
        say(.info, "* seed: \(seed)")
        if let control = supervisor.control {
            say(.info, "Started the HTTP server: http://\(control.authority)")
        }
        guard configuration.logLevel == .debug else { return }
        log.start { DebugLine() }
        supervisor.environment.onRecord = { [log] in log.write($0) }
    }

    private func say(_ level: VaurienConfiguration.LogLevel, _ message: String) {
        guard level >= configuration.logLevel else { return }
        let label = level.rawValue.uppercased()
        log.write("\(Self.intro(label))\(message)\n")
    }

    /// A record as Vaurien's log has it.
    private struct DebugLine: RecordFormat {
        private var format = LogLine(.text)

        mutating func append(_ record: ExchangeRecord, to line: inout [UInt8]) {
            line += VaurienDaemon.intro("DEBUG").utf8
            format.append(record, to: &line)
        }
    }

    private static func intro(_ label: String) -> String {
        "\(timestamp) [\(getpid())] [\(label)] "
    }

    /// `2026-11-21 02:00:42`, local time.
    private static var timestamp: String {
        var (now, parts) = (time(nil), tm())
        localtime_r(&now, &parts)
        var text = [CChar](repeating: 0, count: 32)
        let count = strftime(&text, text.count, "%Y-%m-%d %H:%M:%S", &parts)
        return String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    // MARK: Counters

    private func count(_ supervisor: Supervisor) {
        guard let statsd = configuration.statsd else { return }
        let counters = StatsdCounters(
            statsd, protocolName: configuration.protocol.rawValue, seed: seed, on: supervisor.loop
        ) { [self] in say(.warning, $0) }
        supervisor.environment.onTraffic = { event, _ in counters.count(event) }
    }
}
