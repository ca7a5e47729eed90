import Faults
import HTTPWire

/// The page for browsers, and what it shows that no other route has.
struct PageRoutes {
    private let flags: FlagPictures?

    init(_ api: ControlAPI) {
        flags = api.flags
    }

    /// What is at `/`: the page for browsers, the list of routes for others.
    func front(_ asked: RoutedRequest) -> HTTPResponse {
        let vary = HTTPField("Vary", "Accept")
        guard asked.request.wantsHTML else { return .text(200, Route.summary, [vary]) }
        let fields = [
            HTTPField("Content-Type", "text/html; charset=utf-8"), vary,
            HTTPField("Content-Security-Policy", PageText.policy),
            HTTPField("X-Content-Type-Options", "nosniff"),
            HTTPField("Referrer-Policy", "same-origin"),
        ]
        return HTTPResponse(200, fields: fields, body: [Bytes(PageText.bytes)])
    }

    /// Every type of toxic that there is, with what it takes.
    static var faults: HTTPResponse {
        .json(200, .array(FaultType.allCases.map(json)))
    }

    private static func json(_ type: FaultType) -> JSONValue {
        .object([
            .init("type", .string(type.rawValue)), .init("stream", .string(type.stream.rawValue)),
            .init("name", .string(type.defaultName(type.stream.rawValue))),
            .init("streams", .bool(!type.needsNames)),
            .init("messages", .bool(type.takesMessages)),
            .init("help", .string(type.summary)),
            .init("attributes", .array(type.attributes.map { .string($0.name) })),
            .init("example", .string(type.example)),
        ])
    }

    // MARK: Flags

    /// Whose flags there are.
    var codes: HTTPResponse {
        .json(200, .array((flags?.codes() ?? []).map { .string($0) }))
    }

    /// A file of a flag, without an exchange.
    ///
    /// - Throws: `APIError` if there are no flags.
    func flag(_ asked: RoutedRequest) throws(APIError) -> SiteAnswer {
        guard let flags else { throw APIError(404, "there are no flags here") }
        return flags.answer(asked.request)
    }
}
