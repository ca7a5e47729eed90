import ChaosProxy
import Faults
import HTTPWire

/// Vaurien's routes, about one proxy. (Its wire says `behavior`; we say behaviour.) They throw
/// what `refusal` knows.
struct BehaviorRoutes {
    private let registry: ProxyRegistry
    private let options: APIOptions

    init(_ api: ControlAPI) {
        (registry, options) = (api.registry, api.options)
    }

    static var behaviours: HTTPResponse {
        let names = Behaviour.allCases.map(\.rawValue).sorted().map(JSONValue.string)
        return .vaurien(200, "{\"behaviors\": \(JSONWriter.text(.array(names)))}")
    }

    func behaviour() throws -> HTTPResponse {
        Self.answer("behavior", try find().proxy.mix.map { "\($0)" } ?? "dummy")
    }

    func backend() throws -> HTTPResponse {
        Self.answer("backend", try find().upstreamText)
    }

    func setBehaviour(_ asked: RoutedRequest) throws -> HTTPResponse {
        let found = try find()
        let members = try members(asked)
        let name = try text("name", in: members, wrong: "the name must be a text")
        try check(members, known: ["name"] + BehaviourSetting.allCases.map(\.rawValue))
        let mix = try mix(name, BehaviourSettings(members), found.proxy)
        // What was set over the other interface would act beside it.
        found.proxy.set(toxics: [])
        found.proxy.set(mix: mix.parts.allSatisfy { $0.toxics.isEmpty } ? nil : mix)
        return Self.answer("status", "ok")
    }

    func setBackend(_ asked: RoutedRequest) throws -> HTTPResponse {
        let found = try find()
        let members = try members(asked)
        let backend = try text(
            "backend", in: members, wrong: "the backend must be a text")
        try check(members, known: ["backend"])
        do throws(ProxyError) {
            try registry.redirect(found.name, to: backend)
        } catch {
            throw BehaviourError("backend", "\(error)")
        }
        return Self.answer("status", "ok")
    }

    private func find() throws -> RegisteredProxy {
        if let found = registry[options.behaviourProxy] { return found }
        throw BehaviourError(
            "", "the '\(options.behaviourProxy)' proxy does not exist", status: 404)
    }

    // MARK: Answers

    /// With the space that Python's JSON has there.
    private static func answer(_ key: String, _ text: String) -> HTTPResponse {
        .vaurien(200, "{\"\(key)\": \(JSONWriter.text(.string(text)))}")
    }

    static func refusal(_ error: any Error) -> HTTPResponse {
        let error = error as? BehaviourError ?? BehaviourError("", "\(error)")
        let details: [JSONValue.Member] = [
            .init("location", .string("body")), .init("name", .string(error.name)),
            .init("description", .string(error.description)),
        ]
        let members: [JSONValue.Member] = [
            .init("status", .string("error")), .init("errors", .array([.object(details)])),
        ]
        return .vaurien(error.status, JSONWriter.text(.object(members)))
    }

    // MARK: Requests

    private func members(_ asked: RoutedRequest) throws -> [JSONValue.Member] {
        guard let value = try? JSONReader.read(asked.request.content, isWhole: true),
            case .object(let members) = value
        else { throw BehaviourError("", "the value is not a valid json object") }
        return members
    }

    /// Vaurien itself does not look at keys that it does not know.
    private func check(_ members: [JSONValue.Member], known: [String]) throws {
        guard options.mode == .flagserver,
            let other = members.first(where: { !known.contains($0.name) })?.name
        else { return }
        let hint = Suggestion.hint(for: other, in: known)
        throw BehaviourError(other, "unknown key '\(other)'.\(hint)")
    }

    private func text(
        _ key: String, in members: [JSONValue.Member], wrong: String
    ) throws -> String {
        guard let value = members.last(where: { $0.name == key })?.value else {
            throw BehaviourError("", "the value should contain a \"\(key)\" key")
        }
        guard case .string(let text) = value else { throw BehaviourError(key, wrong) }
        return text
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
}
