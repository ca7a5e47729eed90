import ChaosProxy
import Faults
import HTTPWire

/// Toxiproxy's routes about the toxics of a proxy.
struct ToxicRoutes {
    private let registry: ProxyRegistry

    init(_ registry: ProxyRegistry) {
        self.registry = registry
    }

    /// - Throws: what `APIError` knows.
    func response(_ route: Route, _ request: HTTPRequest) throws -> HTTPResponse {
        switch (route, request.method) {
        case (.toxics(let name), .get):
            return .json(200, ProxyCoding.toxics(try registry.find(name).proxy.toxics))
        case (.toxics(let name), _): return try add(to: registry.find(name), request)
        case (.toxic(let name, let proxy), .get):
            let found = try registry.find(proxy)
            return .json(200, ToxicCoding.json(found.proxy.toxics[try index(of: name, in: found)]))
        case (.toxic(let name, let proxy), .delete):
            return try remove(name, from: registry.find(proxy))
        case (.toxic(let name, let proxy), _):
            return try update(name, of: registry.find(proxy), request)
        default: throw ProxyError.toxicNotFound
        }
    }

    private func index(of name: String, in found: RegisteredProxy) throws -> Int {
        let index = found.proxy.toxics.firstIndex { $0.name.utf8.elementsEqual(name.utf8) }
        guard let index else { throw ProxyError.toxicNotFound }
        return index
    }

    private func add(to found: RegisteredProxy, _ request: HTTPRequest) throws -> HTTPResponse {
        let fields = try JSONFields(
            JSONReader.read(request.content), type: ToxicCoding.typeName)
        let toxic = try ToxicCoding.toxic(fields)
        try registry.set(toxics: found.proxy.toxics + [toxic], of: found)
        return .json(200, ToxicCoding.json(toxic))
    }

    private func update(
        _ name: String, of found: RegisteredProxy, _ request: HTTPRequest
    ) throws -> HTTPResponse {
        let index = try index(of: name, in: found)
        let fields = try JSONFields(
            JSONReader.read(request.content), type: ToxicCoding.typeName)
        var toxics = found.proxy.toxics
        toxics[index] = try ToxicCoding.changed(toxics[index], fields)
        try registry.set(toxics: toxics, of: found)
        return .json(200, ToxicCoding.json(toxics[index]))
    }

    private func remove(_ name: String, from found: RegisteredProxy) throws -> HTTPResponse {
        let index = try index(of: name, in: found)
        var toxics = found.proxy.toxics
        toxics.remove(at: index)
        try registry.set(toxics: toxics, of: found)
        return HTTPResponse(204)
    }
}
