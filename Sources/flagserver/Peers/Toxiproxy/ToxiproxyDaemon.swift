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
        let api = try open(supervisor)
        if let path = configuration.configurationFile { populate(api, from: path) }
        supervisor.run()
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
        options.acceptsAnyHost = configuration.isHostGiven
        do throws(ProxyError) {
            let address = try ListenAddress("\(configuration.listen)", emptyHost: .all)
            let api = try supervisor.openControl(options, on: address)
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
        let all =
            [("level", level.rawValue)] + fields + [("time", Self.timestamp)]
            + [("message", message)]
        let members = all.map { "\($0.0.asJSON):\($0.1.asJSON)" }
        log.write("{\(members.joined(separator: ","))}\n")
    }

    /// RFC 3339, in UTC.
    private static var timestamp: String {
        Timestamp.text(seconds: Int64(Supervisor.wallClock().tv_sec))
    }
}
