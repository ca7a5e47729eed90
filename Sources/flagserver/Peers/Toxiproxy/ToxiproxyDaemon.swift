import ChaosProxy
import ControlAPI
import EventLoop
import Faults
import Glibc
import Records

/// `flagserver toxiproxy` at work: Toxiproxy's API, no proxy at first, and its log of JSON lines.
final class ToxiproxyDaemon {
    private let configuration: ToxiproxyConfiguration
    private let log: LogWriter
    private let seed: UInt64
    private var readersTimer: Timer?

    init(_ configuration: ToxiproxyConfiguration) {
        self.configuration = configuration
        log = LogWriter(descriptor: STDOUT_FILENO)
        seed = configuration.seed ?? UInt64.random(in: 1_000_000...9_999_999)
    }

    /// Serves until a signal ends it.
    func run() throws {
        if let wrong = configuration.wrongLogLevel {
            say(.error, "unknown LOG_LEVEL \(wrong), the default is kept")
        }
        var supervision = Supervisor.Options(seed: seed)
        supervision.grace = 0
        supervision.world.emptyHost = .all
        let supervisor = try Supervisor(supervision) { [self] text in
            let isWarning = text.hasPrefix("warning: ")
            say(isWarning ? .warn : .info, String(text.dropFirst(isWarning ? 9 : 0)))
        }
        say(.info, "Starting Toxiproxy", [("version", ToxiproxyConfiguration.version)])
        say(.info, "Using seed", [("seed", "\(seed)")])
        tellOfProxies(supervisor)
        supervisor.registry.onUselessUpstream = { [self] in say(.warn, $0) }
        let api = try open(supervisor)
        if let path = configuration.configurationFile { populate(api, from: path) }
        defer { log.flush(milliseconds: 500) }
        try supervisor.run()
        log.flush(milliseconds: 500)
        Glibc.exit(0)
    }

    private func tellOfProxies(_ supervisor: Supervisor) {
        supervisor.environment.onListening = { [self] proxy, listens in
            let upstream = proxy.upstream.backend?.description ?? ""
            say(
                .info, listens ? "Started proxy" : "Terminated proxy",
                [
                    ("name", proxy.name), ("proxy", proxy.addresses.first.map { "\($0)" } ?? ""),
                    ("upstream", upstream),
                ])
        }
        guard configuration.logLevel <= .info else { return }
        supervisor.environment.onAccept = { [self] proxy, client in
            say(
                .info, "Accepted client",
                [("name", proxy.name), ("client", client.map { "\($0)" } ?? "")])
        }
    }

    private func open(_ supervisor: Supervisor) throws -> ControlAPI {
        var options = APIOptions()
        options.mode = .toxiproxy
        options.hasMetrics = configuration.hasProxyMetrics || configuration.hasRuntimeMetrics
        options.hasByteCounters = configuration.hasProxyMetrics
        options.hasProcessMetrics = configuration.hasRuntimeMetrics
        options.acceptsAnyHost = configuration.isHostGiven
        options.seed = seed
        do throws(ProxyError) {
            let address = try ListenAddress("\(configuration.listen)", emptyHost: .all)
            let journal = Journal()
            supervisor.environment.onRecord = { journal.append($0) }
            let api = try supervisor.openControl(options, on: address, journal: journal)
            wakeReaders(of: api, supervisor)
            if configuration.logLevel <= .debug { api.onCall = { [self] in say($0) } }
            if let control = supervisor.control {
                say(
                    .info, "Starting Toxiproxy HTTP server",
                    [("address", control.addresses.first.map { "\($0)" } ?? "")])
            }
            return api
        } catch {
            throw CommandLineError(error, of: "-host") { _ in "Choose another one with -port." }
        }
    }

    /// Lets readers of `/events` go on, four times a second.
    private func wakeReaders(of api: ControlAPI, _ supervisor: Supervisor) {
        let timer = Timer(on: supervisor.loop) { [unowned self, unowned supervisor] in
            if api.hasReaders { api.tick(at: supervisor.environment.now()) }
            readersTimer?.schedule(after: 250_000_000)
        }
        readersTimer = timer
        timer.schedule(after: 250_000_000)
    }

    /// As Toxiproxy does, goes on without the file if it cannot be read.
    private func populate(_ api: ControlAPI, from path: String) {
        do {
            let bytes = try WholeFile.read(path)
            let count = try api.populate(bytes)
            say(.info, "Populated proxies from file", [("config", path), ("proxies", "\(count)")])
        } catch {
            say(.error, "cannot populate from file: \(error)", [("config", path)])
        }
    }

    /// One JSON object a line, as Toxiproxy logs.
    private func say(
        _ level: ToxiproxyConfiguration.LogLevel, _ message: String,
        _ fields: [(String, String)] = []
    ) {
        guard level >= configuration.logLevel else { return }
        let all = fields + [("time", Self.timestamp), ("message", message)]
        write(level, all.map { ($0.0, $0.1.asJSON) })
    }

    /// A call of the API, as Toxiproxy logs it: without a message.
    private func say(_ call: ControlCall) {
        let text: [(String, String?)] = [
            ("request_id", call.identity), ("client", call.client.map { "\($0)" }),
            ("method", call.method), ("url", call.target), ("user_agent", call.userAgent),
        ]
        let numbers = [
            ("status", "\(call.status)"), ("size", "\(call.size ?? 0)"),
            ("duration", Notation.shortest(Double(call.duration) / 1e6)),
        ]
        let rest = [("handler", call.handler.asJSON), ("time", Self.timestamp.asJSON)]
        write(
            .debug,
            text.compactMap { name, text in text.map { (name, $0.asJSON) } } + numbers + rest)
    }

    /// - Parameter fields: names, and values in JSON.
    private func write(_ level: ToxiproxyConfiguration.LogLevel, _ fields: [(String, String)]) {
        let members = ([("level", level.rawValue.asJSON)] + fields).map {
            "\($0.0.asJSON):\($0.1)"
        }
        log.write("{\(members.joined(separator: ","))}\n")
    }

    /// RFC 3339, in UTC.
    private static var timestamp: String {
        Timestamp.text(seconds: Int64(Surroundings.wallClock().tv_sec))
    }
}
