import HTTPWire

/// `/worlds`: private servers with a control port of their own, for one test each.
struct WorldRoutes {
    private let keeper: any WorldKeeper

    /// - Throws: `APIError` where there are none.
    init(_ api: ControlAPI) throws(APIError) {
        guard let keeper = api.options.worlds else {
            throw APIError(404, "there are no private worlds here")
        }
        self.keeper = keeper
    }

    func list() -> HTTPResponse { Self.json(200, "[\(keeper.list.joined(separator: ","))]") }

    func make(_ asked: RoutedRequest) throws(APIError) -> HTTPResponse {
        try Self.answer(201) { () throws(WorldRefusal) in
            try keeper.make(Array(asked.request.content))
        }
    }

    func show(_ asked: RoutedRequest) throws(APIError) -> HTTPResponse {
        guard let found = keeper.find(asked.names[0]) else {
            throw APIError(404, "there is no world '\(asked.names[0])'")
        }
        return Self.json(200, found)
    }

    func end(_ asked: RoutedRequest) throws(APIError) -> HTTPResponse {
        try Self.answer(200) { () throws(WorldRefusal) in try keeper.end(asked.names[0]) }
    }

    private static func answer(
        _ status: HTTPStatus, _ text: () throws(WorldRefusal) -> String
    ) throws(APIError) -> HTTPResponse {
        do throws(WorldRefusal) {
            return json(status, try text())
        } catch {
            throw APIError(error.status, error.reason)
        }
    }

    private static func json(_ status: HTTPStatus, _ text: String) -> HTTPResponse {
        let type = HTTPField("Content-Type", "application/json")
        return HTTPResponse(status, fields: [type], body: [Bytes(text + "\n")])
    }
}
