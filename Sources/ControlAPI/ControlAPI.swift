public import ChaosProxy
public import Faults
public import HTTPWire
import Records

/// Toxiproxy's and Vaurien's interfaces over one registry of proxies. A site like any other; loop
/// thread only.
public final class ControlAPI {
    /// How many records the journal's file did not get.
    public var droppedRecords: () -> UInt64 = { 0 }
    let registry: ProxyRegistry
    let options: APIOptions
    private let journal: Journal?
    private let environment: ProxyEnvironment?
    private let readers: EventReaders
    private var identity: RequestIdentity

    /// Of this program.
    static var version: String {
        String(HTTPSerializer.server.drop { $0 != "/" }.dropFirst())
    }

    /// - Parameters:
    ///   - journal: nil if none is kept: what reads it is then not there.
    ///   - environment: has what clients have under way at all proxies; nil: that is not told.
    public init(
        registry: ProxyRegistry, options: APIOptions = APIOptions(), journal: Journal? = nil,
        environment: ProxyEnvironment? = nil
    ) {
        (self.registry, self.options) = (registry, options)
        (self.journal, self.environment) = (journal, environment)
        readers = EventReaders(registry, environment, seed: options.seed)
        identity = RequestIdentity(seed: options.identitySeed)
    }

    // MARK: Readers of events

    /// Whether anybody reads `/events`, so that `tick` has something to do.
    public var hasReaders: Bool { !readers.isEmpty }

    /// Lets the readers of `/events` have what is new; to be called four times a second.
    public func tick(at now: Instant) { readers.tick(at: now) }

    /// Tells the readers of `/events` that the proxies were changed in another way than over this
    /// interface.
    public func noteChange() { readers.noteChange() }

    // MARK: Configuration

    /// Makes the proxies of a configuration file: Toxiproxy's JSON array, in which proxies may have
    /// toxics. Their toxics come back with a reset.
    ///
    /// - Returns: how many there are in it.
    /// - Throws: what is wrong, to be shown. If that is a port, those before it are made.
    @discardableResult
    public func populate(_ bytes: [UInt8]) throws -> Int {
        let specifications = try bytes.withUnsafeBytes {
            try ProxyCoding.specifications(JSONReader.read($0), errors: options.errors)
        }
        let (done, error) = registry.populate(specifications, origin: .start)
        if let error { throw error }
        return done.count
    }

    // MARK: Requests

    public func answer(_ request: HTTPRequest) -> SiteAnswer {
        let rules = AccessRules(options: options, addresses: registry.controlAddresses)
        if let refusal = rules.refusal(of: request) { return .made(refusal) }
        guard let path = RequestPath(request.path) else {
            return .made(.text(400, "400 Bad Request: malformed percent-encoding\n"))
        }
        if let clean = path.redirection {
            let location = HTTPField("Location", clean + query(of: request))
            return .made(HTTPResponse(301, fields: [location]))
        }
        guard let route = Route(path.segments, options) else {
            return .made(.text(404, "404 page not found\n"))
        }
        guard route.allows(request.method) else { return .made(notAllowed(route)) }
        let answer = answer(route, request)
        // Also where it was refused: a list of proxies can be half done.
        if route.changesProxies, request.method != .get, request.method != .head { noteChange() }
        return answer
    }

    private func answer(_ route: Route, _ request: HTTPRequest) -> SiteAnswer {
        switch route.family {
        case .own: own(route, request)
        case .vaurien: .made(BehaviorRoutes(registry, options).response(route, request))
        case .toxiproxy: .made(identified(toxiproxy(route, request)))
        }
    }

    private func query(of request: HTTPRequest) -> String {
        let rest = request.target.drop { $0 != UInt8(ascii: "?") }
        return String(decoding: rest, as: UTF8.self)
    }

    private func notAllowed(_ route: Route) -> HTTPResponse {
        let allow = HTTPField("Allow", route.methods.joined(separator: ", "))
        guard route.family == .toxiproxy else {
            return .text(405, "405 Method Not Allowed\n", [allow])
        }
        return HTTPResponse(405, fields: [allow])
    }

    // MARK: Toxiproxy

    private func identified(_ response: HTTPResponse) -> HTTPResponse {
        var response = response
        response.fields.append(HTTPField("X-Toxiproxy-Request-Id", identity.next()))
        return response
    }

    private func toxiproxy(_ route: Route, _ request: HTTPRequest) -> HTTPResponse {
        if options.mode == .toxiproxy, AccessRules.isBrowser(request) {
            return .text(403, "User agent not allowed\n")
        }
        do {
            return try toxiproxyAnswer(route, request)
        } catch {
            return .toxiproxy(APIError(error))
        }
    }

    private func toxiproxyAnswer(
        _ route: Route, _ request: HTTPRequest
    ) throws -> HTTPResponse {
        switch route {
        case .proxies, .proxy, .populate:
            try ProxyRoutes(registry, options).response(route, request)
        case .reset:
            try reset(ProxyRoutes(registry, options), request)
        case .toxics, .toxic: try ToxicRoutes(registry).response(route, request)
        case .metrics: metrics
        case .version, .behavior, .behaviors, .backend, .live, .ready, .index, .journal, .events,
            .verify, .concurrency, .concurrencyReset:
            version
        }
    }

    private func reset(_ routes: ProxyRoutes, _ request: HTTPRequest) throws -> HTTPResponse {
        journal?.reset()
        environment?.resetPeaks()
        return try routes.response(.reset, request)
    }

    /// Clients compare it to decide which methods they may use.
    private var version: HTTPResponse {
        HTTPResponse(
            200, fields: [HTTPField("Content-Type", "application/json;charset=utf-8")],
            body: [Bytes("{\"version\": \"2.12.0\"}\n")])
    }

    private var metrics: HTTPResponse {
        let type = HTTPField("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        var bytes = Metrics.bytes(registry.proxies)
        if options.mode == .flagserver {
            bytes += FlagserverMetrics.bytes(registry.proxies, dropped: droppedRecords())
        }
        return HTTPResponse(200, fields: [type], body: [Bytes(bytes)])
    }

    // MARK: Our own

    private func own(_ route: Route, _ request: HTTPRequest) -> SiteAnswer {
        do {
            return try ownAnswer(route, request)
        } catch {
            return .made(.json(APIError(error)))
        }
    }

    private func ownAnswer(_ route: Route, _ request: HTTPRequest) throws -> SiteAnswer {
        switch route {
        case .index: return .made(.text(200, Route.summary))
        case .concurrency:
            return .made(.json(200, ConcurrencyCoding.json(registry, environment)))
        case .concurrencyReset:
            resetPeaks()
            return .made(HTTPResponse(204))
        case .journal, .events, .verify: return try journalAnswer(route, request)
        case .live, .ready, .proxies, .proxy, .toxics, .toxic, .populate, .reset, .version,
            .metrics, .behavior, .behaviors, .backend:
            return .made(.text(200, "ok\n"))
        }
    }

    private func journalAnswer(_ route: Route, _ request: HTTPRequest) throws -> SiteAnswer {
        guard let journal else { throw APIError(404, "this server keeps no journal") }
        if route == .verify {
            let verify = VerifyRoute(registry: registry, journal: journal, seed: options.seed)
            return .made(try verify.response(request))
        }
        let routes = JournalRoutes(
            registry: registry, journal: journal, readers: readers, seed: options.seed)
        return .streamed(
            try route == .journal ? routes.journal(request) : routes.events(request))
    }

    private func resetPeaks() {
        for found in registry.proxies { found.proxy.resetPeaks() }
        environment?.resetPeaks()
    }
}
