import HTTPWire

/// What the interface has at a path.
enum Route: Equatable {
    case proxies
    case proxy(String)
    case toxics(String)
    case toxic(String, of: String)
    case populate, reset, version, metrics
    case behavior, behaviors, backend
    case live, ready, index
    case journal, events, verify, concurrency, concurrencyReset

    /// Whose rules of errors, methods and fields hold.
    enum Family { case toxiproxy, vaurien, own }

    /// - Parameter segments: of the path, decoded.
    /// - Returns: nil if there is nothing, at least not in this mode.
    init?(_ segments: [String], _ options: APIOptions) {
        guard let route = Self.find(segments) else { return nil }
        switch (options.mode, route.family) {
        case (.flagserver, _), (.toxiproxy, .toxiproxy), (.vaurien, .vaurien): break
        case (.toxiproxy, _), (.vaurien, _): return nil
        }
        guard route != .metrics || options.hasMetrics else { return nil }
        self = route
    }

    private static func find(_ segments: [String]) -> Route? {
        switch segments.count {
        case 1: single[segments[0]]
        case 2 where segments[0] == "proxies" && !segments[1].isEmpty: .proxy(segments[1])
        case 2 where segments == ["concurrency", "reset"]: .concurrencyReset
        case 3 where segments[0] == "proxies" && segments[2] == "toxics" && !segments[1].isEmpty:
            .toxics(segments[1])
        case 4 where segments[0] == "proxies" && segments[2] == "toxics":
            segments[1].isEmpty || segments[3].isEmpty
                ? nil : .toxic(segments[3], of: segments[1])
        default: nil
        }
    }

    private static let single: [String: Route] = [
        "": .index, "proxies": .proxies, "populate": .populate, "reset": .reset,
        "version": .version, "metrics": .metrics, "behavior": .behavior, "behaviors": .behaviors,
        "backend": .backend, "livez": .live, "readyz": .ready, "journal": .journal,
        "events": .events, "verify": .verify, "concurrency": .concurrency,
    ]

    var family: Family {
        switch self {
        case .proxies, .proxy, .toxics, .toxic, .populate, .reset, .version, .metrics: .toxiproxy
        case .behavior, .behaviors, .backend: .vaurien
        case .live, .ready, .index, .journal, .events, .verify, .concurrency, .concurrencyReset:
            .own
        }
    }

    /// Whether other methods than GET change proxies here.
    var changesProxies: Bool {
        switch self {
        case .proxies, .proxy, .toxics, .toxic, .populate, .reset, .behavior, .backend: true
        case .version, .metrics, .behaviors, .live, .ready, .index, .journal, .events, .verify,
            .concurrency, .concurrencyReset:
            false
        }
    }

    /// For `Allow`.
    var methods: [String] {
        switch self {
        case .proxies, .toxics: ["GET", "POST"]
        case .proxy, .toxic: ["GET", "POST", "PATCH", "DELETE"]
        case .populate, .reset, .verify, .concurrencyReset: ["POST"]
        case .version: ["GET"]
        case .metrics: ["GET", "HEAD", "POST"]
        case .behavior, .backend: ["PUT", "GET", "HEAD"]
        case .behaviors, .live, .ready, .index, .journal, .events, .concurrency: ["GET", "HEAD"]
        }
    }

    func allows(_ method: HTTPMethod) -> Bool {
        if self == .metrics { return true }
        return methods.contains { $0 == Self.name(of: method) }
    }

    private static func name(of method: HTTPMethod) -> String? {
        switch method {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .patch: "PATCH"
        case .delete: "DELETE"
        case .connect, .options, .trace, .unknown: nil
        }
    }

    /// For people who look at the control port.
    static let summary = """
        flagserver, the control port

        GET  /proxies                           all proxies with their toxics
        POST /proxies                           makes one
        GET, POST, PATCH, DELETE /proxies/<name>
        GET, POST /proxies/<name>/toxics
        GET, POST, PATCH, DELETE /proxies/<name>/toxics/<toxic>
        POST /populate                          adds and replaces proxies
        POST /reset                             back to the start
        GET  /version                           of Toxiproxy's interface
        GET  /metrics                           for Prometheus
        GET  /journal?since=&proxy=&fault=&path=&client=&status=&refused=&limit=
                                                records of exchanges, one JSON object a line
        GET  /events                            state, records and meters as they come
        GET  /concurrency                       in flight and peak, per proxy and per client
        POST /concurrency/reset                 peaks begin again
        POST /verify                            {"proxy":"delay","count":{"min":1}}: 200, or 409
        GET, PUT /behavior                      of Vaurien's interface
        GET  /behaviors
        GET, PUT /backend
        GET  /livez, /readyz

        """
}
