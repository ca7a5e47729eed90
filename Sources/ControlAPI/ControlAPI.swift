public import ChaosProxy
public import HTTPWire

/// Toxiproxy's and Vaurien's interfaces over one registry of proxies. A site like any other; loop
/// thread only.
public final class ControlAPI {
    let registry: ProxyRegistry
    let options: APIOptions
    private var identity: RequestIdentity

    public init(registry: ProxyRegistry, options: APIOptions = APIOptions()) {
        (self.registry, self.options) = (registry, options)
        identity = RequestIdentity(seed: options.identitySeed)
    }

    public func answer(_ request: HTTPRequest) -> SiteAnswer {
        .made(response(to: request))
    }

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

    private func response(to request: HTTPRequest) -> HTTPResponse {
        let rules = AccessRules(options: options, addresses: registry.controlAddresses)
        if let refusal = rules.refusal(of: request) { return refusal }
        guard let path = RequestPath(request.path) else {
            return .text(400, "400 Bad Request: malformed percent-encoding\n")
        }
        if let clean = path.redirection {
            return HTTPResponse(301, fields: [HTTPField("Location", clean + query(of: request))])
        }
        guard let route = Route(path.segments, options) else {
            return .text(404, "404 page not found\n")
        }
        guard route.allows(request.method) else { return notAllowed(route) }
        switch route.family {
        case .own: return own(route)
        case .vaurien: return BehaviorRoutes(registry, options).response(route, request)
        case .toxiproxy: return identified(toxiproxy(route, request))
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
        case .proxies, .proxy, .populate, .reset:
            try ProxyRoutes(registry, options).response(route, request)
        case .toxics, .toxic: try ToxicRoutes(registry).response(route, request)
        case .metrics: metrics
        case .version, .behavior, .behaviors, .backend, .live, .ready, .index: version
        }
    }

    /// Clients compare it to decide which methods they may use.
    private var version: HTTPResponse {
        HTTPResponse(
            200, fields: [HTTPField("Content-Type", "application/json;charset=utf-8")],
            body: [Bytes("{\"version\": \"2.12.0\"}\n")])
    }

    private var metrics: HTTPResponse {
        let type = HTTPField("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        return HTTPResponse(200, fields: [type], body: [Bytes(Metrics.text(registry.proxies))])
    }

    // MARK: Our own

    private func own(_ route: Route) -> HTTPResponse {
        route == .index ? .text(200, Route.summary) : .text(200, "ok\n")
    }
}
