import ChaosProxy
import HTTPWire

/// Toxiproxy's routes about proxies.
struct ProxyRoutes {
    private let registry: ProxyRegistry
    private let options: APIOptions

    init(_ registry: ProxyRegistry, _ options: APIOptions) {
        (self.registry, self.options) = (registry, options)
    }

    /// - Throws: what `APIError` knows.
    func response(_ route: Route, _ request: HTTPRequest) throws -> HTTPResponse {
        switch (route, request.method) {
        case (.proxies, .get): return .json(200, ProxyCoding.json(registry.proxies))
        case (.proxies, _): return try create(request)
        case (.proxy(let name), .get): return .json(200, ProxyCoding.json(try registry.find(name)))
        case (.proxy(let name), .delete):
            try registry.delete(name)
            return HTTPResponse(204)
        case (.proxy(let name), _): return try update(name, request)
        case (.populate, _): return populate(request)
        default:
            try registry.reset()
            return HTTPResponse(204)
        }
    }

    private func create(_ request: HTTPRequest) throws -> HTTPResponse {
        let fields = try JSONFields(JSONReader.read(request.content), type: "Proxy")
        let specification = try ProxyCoding.specification(fields, errors: options.errors)
        return .json(201, ProxyCoding.json(try registry.create(specification)))
    }

    /// POST is what PATCH was before Toxiproxy 2.6.
    private func update(_ name: String, _ request: HTTPRequest) throws -> HTTPResponse {
        let found = try registry.find(name)
        let fields = try JSONFields(JSONReader.read(request.content), type: "Proxy")
        let changes = try ProxyCoding.changes(fields)
        try registry.update(found.name, changes)
        return .json(200, ProxyCoding.json(found))
    }

    // MARK: Populate

    /// Its errors, too, are JSON that says so, with the proxies that are done by then.
    private func populate(_ request: HTTPRequest) -> HTTPResponse {
        do {
            let specifications = try ProxyCoding.specifications(
                JSONReader.read(request.content), errors: options.errors)
            let (done, error) = registry.populate(specifications)
            return populated(done, error.map { APIError($0) })
        } catch {
            return populated([], APIError(error))
        }
    }

    private func populated(_ done: [RegisteredProxy], _ error: APIError?) -> HTTPResponse {
        let proxies: JSONValue = done.isEmpty ? .null : .array(done.map(ProxyCoding.json))
        let members = (error?.members ?? []) + [JSONValue.Member("proxies", proxies)]
        return .json(error?.status ?? 201, .object(members))
    }
}
