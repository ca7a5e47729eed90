import ChaosProxy
import Faults
import HTTPWire

/// Vaurien's routes, about one proxy. (Its wire says `behavior`; we say behaviour.)
struct BehaviorRoutes {
    private let registry: ProxyRegistry
    private let options: APIOptions

    init(_ registry: ProxyRegistry, _ options: APIOptions) {
        (self.registry, self.options) = (registry, options)
    }

    func response(_ route: Route, _ request: HTTPRequest) -> HTTPResponse {
        if route == .behaviors { return Self.behaviors }
        guard let found = registry[options.behaviourProxy] else {
            let description = "the '\(options.behaviourProxy)' proxy does not exist"
            return Self.refused(404, BehaviourError("", description))
        }
        guard request.method == .put else {
            return route == .backend
                ? Self.answer("backend", found.upstreamText)
                : Self.answer("behavior", found.proxy.mix.map { "\($0)" } ?? "dummy")
        }
        do {
            let members = try members(request)
            if route == .backend {
                try setBackend(found, members)
            } else {
                try setBehaviour(found, members)
            }
            return Self.answer("status", "ok")
        } catch let error as BehaviourError {
            return Self.refused(400, error)
        } catch {
            return Self.refused(400, BehaviourError("", "\(error)"))
        }
    }

    // MARK: Answers

    private static var behaviors: HTTPResponse {
        let names = Behaviour.allCases.map(\.rawValue).sorted().map(JSONValue.string)
        return .vaurien(200, "{\"behaviors\": \(JSONWriter.text(.array(names)))}")
    }

    /// With the space that Python's JSON has there.
    private static func answer(_ key: String, _ text: String) -> HTTPResponse {
        .vaurien(200, "{\"\(key)\": \(JSONWriter.text(.string(text)))}")
    }

    private static func refused(_ status: HTTPStatus, _ error: BehaviourError) -> HTTPResponse {
        let details: [JSONValue.Member] = [
            .init("location", .string("body")), .init("name", .string(error.name)),
            .init("description", .string(error.description)),
        ]
        let members: [JSONValue.Member] = [
            .init("status", .string("error")), .init("errors", .array([.object(details)])),
        ]
        return .vaurien(status, JSONWriter.text(.object(members)))
    }

    // MARK: Changes

    private func members(_ request: HTTPRequest) throws -> [JSONValue.Member] {
        guard let value = try? JSONReader.read(request.content, isWhole: true),
            case .object(let members) = value
        else { throw BehaviourError("", "the value is not a valid json object") }
        return members
    }

    private func setBehaviour(
        _ found: RegisteredProxy, _ members: [JSONValue.Member]
    ) throws {
        guard let value = members.last(where: { $0.name == "name" })?.value else {
            throw BehaviourError("", "the value should contain a \"name\" key")
        }
        guard case .string(let text) = value else {
            throw BehaviourError("name", "the name must be a text")
        }
        let mix = try mix(text, BehaviourSettings(members), found.proxy)
        // What was set over the other interface would act beside it.
        found.proxy.set(toxics: [])
        found.proxy.set(mix: mix.parts.allSatisfy { $0.toxics.isEmpty } ? nil : mix)
    }

    private func mix(
        _ text: String, _ settings: BehaviourSettings, _ proxy: Proxy
    ) throws -> BehaviourMix {
        let isMix = text.contains(":") || text.contains(",")
        guard isMix || Behaviour(rawValue: text) != nil else {
            throw BehaviourError("name", "the '\(text)' behavior does not exist")
        }
        var all: [Behaviour: Behaviour.Options] = [:]
        for behaviour in Behaviour.allCases {
            let base = options.behaviourOptions[behaviour] ?? Behaviour.Options()
            all[behaviour] = try settings.options(over: base)
        }
        do throws(FaultError) {
            let errors = proxy.protocol == .tcp ? nil : proxy.errors
            return try BehaviourMix(text, options: all, errors: errors)
        } catch {
            throw BehaviourError("name", "\(error)")
        }
    }

    private func setBackend(_ found: RegisteredProxy, _ members: [JSONValue.Member]) throws {
        guard let value = members.last(where: { $0.name == "backend" })?.value else {
            throw BehaviourError("", "the value should contain a \"backend\" key")
        }
        guard case .string(let text) = value else {
            throw BehaviourError("backend", "the backend must be a text")
        }
        do throws(ProxyError) {
            try registry.redirect(found.name, to: text)
        } catch {
            throw BehaviourError("backend", "\(error)")
        }
    }
}
