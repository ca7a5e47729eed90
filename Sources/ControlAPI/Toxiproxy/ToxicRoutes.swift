import ChaosProxy
import Faults
import HTTPWire

/// Toxiproxy's routes about the toxics of a proxy. They throw what `APIError` knows.
struct ToxicRoutes {
    private let registry: ProxyRegistry
    private let mode: APIOptions.Mode

    init(_ api: ControlAPI) {
        (registry, mode) = (api.registry, api.options.mode)
    }

    func list(_ asked: RoutedRequest) throws -> HTTPResponse {
        .json(200, ProxyCoding.toxics(try registry.find(asked.names[0]).proxy.toxics))
    }

    func add(_ asked: RoutedRequest) throws -> HTTPResponse {
        let found = try registry.find(asked.names[0])
        let toxic = try ToxicCoding.toxic(asked.fields(ToxicCoding.typeName), mode)
        try registry.set(toxics: found.proxy.toxics + [toxic], of: found)
        return .json(200, ToxicCoding.json(toxic))
    }

    func show(_ asked: RoutedRequest) throws -> HTTPResponse {
        let (found, index) = try find(asked)
        return .json(200, ToxicCoding.json(found.proxy.toxics[index]))
    }

    func update(_ asked: RoutedRequest) throws -> HTTPResponse {
        let (found, index) = try find(asked)
        let fields = try asked.fields(ToxicCoding.typeName)
        var toxics = found.proxy.toxics
        toxics[index] = try ToxicCoding.changed(toxics[index], fields, mode)
        try registry.set(toxics: toxics, of: found)
        return .json(200, ToxicCoding.json(toxics[index]))
    }

    func remove(_ asked: RoutedRequest) throws -> HTTPResponse {
        let (found, index) = try find(asked)
        var toxics = found.proxy.toxics
        toxics.remove(at: index)
        try registry.set(toxics: toxics, of: found)
        return HTTPResponse(204)
    }

    /// - Returns: the proxy, and where the toxic stands among its toxics.
    private func find(_ asked: RoutedRequest) throws -> (RegisteredProxy, index: Int) {
        let found = try registry.find(asked.names[0])
        let index = found.proxy.toxics.firstIndex {
            $0.name.utf8.elementsEqual(asked.names[1].utf8)
        }
        guard let index else { throw ProxyError.toxicNotFound }
        return (found, index)
    }
}
