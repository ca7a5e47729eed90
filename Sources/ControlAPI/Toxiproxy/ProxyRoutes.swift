import ChaosProxy
import Faults
import HTTPWire

/// Toxiproxy's routes about proxies. They throw what `APIError` knows.
struct ProxyRoutes {
    private let registry: ProxyRegistry
    private let options: APIOptions

    init(_ api: ControlAPI) {
        (registry, options) = (api.registry, api.options)
    }

    /// Clients compare it to decide which methods they may use.
    static var version: HTTPResponse {
        HTTPResponse(
            200, fields: [HTTPField("Content-Type", "application/json;charset=utf-8")],
            body: [Bytes("{\"version\": \"2.12.0\"}\n")])
    }

    func list(_ asked: RoutedRequest) -> HTTPResponse {
        .json(200, ProxyCoding.json(registry.proxies))
    }

    func create(_ asked: RoutedRequest) throws -> HTTPResponse {
        let specification = try ProxyCoding.specification(asked.fields("Proxy"), options)
        return .json(201, ProxyCoding.json(try registry.create(specification)))
    }

    func show(_ asked: RoutedRequest) throws -> HTTPResponse {
        .json(200, ProxyCoding.json(try registry.find(asked.names[0])))
    }

    func update(_ asked: RoutedRequest) throws -> HTTPResponse {
        let found = try registry.find(asked.names[0])
        let fields = try asked.fields("Proxy")
        let changes = try ProxyCoding.changes(fields)
        let speaks = changes.protocol ?? found.proxy.protocol
        let mix = try ProxyCoding.mix(fields, errors: speaks == .tcp ? nil : options.errors)
        try ProxySpecification.check(mix, on: speaks)
        try registry.update(found.name, changes)
        // An empty text takes it away.
        if fields.has("behavior") { found.proxy.set(mix: mix) }
        return .json(200, ProxyCoding.json(found))
    }

    func delete(_ asked: RoutedRequest) throws -> HTTPResponse {
        try registry.delete(asked.names[0])
        return HTTPResponse(204)
    }

    // MARK: Populate

    /// Its errors, too, are JSON that says so, with the proxies that are done by then.
    func populate(_ asked: RoutedRequest) -> HTTPResponse {
        do {
            let specifications = try ProxyCoding.specifications(
                JSONReader.read(asked.request.content), options, asked.unknown)
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
