import HTTPWire

/// Whose rules of errors and methods hold at a route.
enum RouteFamily {
    case toxiproxy, vaurien, own
    /// What has happened, which Toxiproxy's users get as well.
    case records

    func isOffered(in mode: APIOptions.Mode) -> Bool {
        switch (mode, self) {
        case (.flagserver, _), (.toxiproxy, .toxiproxy), (.toxiproxy, .records),
            (.vaurien, .vaurien):
            true
        case (.toxiproxy, _), (.vaurien, _): false
        }
    }

    /// Whether HEAD goes wherever GET does.
    var hasHead: Bool { self != .toxiproxy }

    /// - Parameter methods: that go.
    func notAllowed(_ methods: [String]) -> HTTPResponse {
        let allow = HTTPField("Allow", methods.joined(separator: ", "))
        switch self {
        case .toxiproxy: return HTTPResponse(405, fields: [allow])
        case .vaurien, .own, .records: return .text(405, "405 Method Not Allowed\n", [allow])
        }
    }

    func refusal(_ error: any Error) -> HTTPResponse {
        switch self {
        case .toxiproxy: .toxiproxy(APIError(error))
        case .own, .records: .json(APIError(error))
        case .vaurien: BehaviorRoutes.refusal(error)
        }
    }
}
