import ControlAPI
import Sweeping

/// What the server says of itself, by its control port.
struct ServerMeter {
    private let client: ControlClient
    private let proxy: String
    /// Meanwhile the load stands still, in nanoseconds.
    private static let patience: UInt64 = 200_000_000

    /// - Parameter site: that is measured.
    /// - Returns: nil for a server that says nothing.
    init?(of site: DownloadSite) {
        guard let server = FlagServer.allCases.first(where: { $0.label == site.label }),
            let url = try? ControlURL.find(
                nil, as: "--url", variables: ["FLAGS_CONTROL_URL", "FLAGSERVER_CONTROL_URL"],
                variable: OptionSources.environment)
        else { return nil }
        let token = OptionSources.environment("FLAGSERVER_CONTROL_TOKEN")
        let patience = Self.patience
        client = ControlClient(url, .flagserver, columns: nil) { request in
            try ControlConnection(to: url, .flagserver, patience: patience)
                .ask(request, token: token)
        }
        proxy = server.rawValue
        guard figures(of: site) != nil else { return nil }
    }

    struct Figures {
        /// Exchange-seconds since its start, those in its queue included.
        let seconds: Double
        let peak: Int
    }

    /// Whether it is this one that is measured: it may be another daemon's port.
    private func figures(of site: DownloadSite) -> Figures? {
        guard let answer = try? client.ask(ControlRequest("GET", "/proxies/\(proxy)")),
            let listen = answer.json?["listen"]?.text,
            let port = listen.split(separator: ":").last,
            site.url.contains(":\(port)/")
        else { return nil }
        return read()
    }

    /// Now; nil if it says nothing any more.
    func read() -> Figures? {
        guard let answer = try? client.ask(ControlRequest("GET", "/concurrency")),
            let figures = answer.json?["proxies"]?[proxy],
            let flight = figures["in_flight_seconds"]?.digits.flatMap(Double.init),
            let queue = figures["queued_seconds"]?.digits.flatMap(Double.init),
            let peak = figures["peak"]?.digits.flatMap({ Int($0) })
        else { return nil }
        return Figures(seconds: flight + queue, peak: peak)
    }

    /// Peaks begin again with what is under way.
    func reset() {
        _ = try? client.ask(ControlRequest("POST", "/concurrency/reset"))
    }
}
