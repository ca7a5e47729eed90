import HTTPWire
import Records

/// `GET /journal/keys`: what `q` can ask of records, for whoever helps to write it, and what one
/// means.
struct JournalKeysRoute {
    /// - Throws: `APIError`.
    func response(_ request: HTTPRequest) throws(APIError) -> HTTPResponse {
        let query = try QueryFields(request)
        try query.check([RecordFilter.Key.query.rawValue])
        var members: [JSONValue.Member] = []
        if let text = query[RecordFilter.Key.query.rawValue] {
            var filter = RecordFilter()
            try filter.set(.query, text)
            members.append(.init("sentence", .string(filter.query?.sentence ?? "")))
        }
        members.append(.init("keys", .array(QueryKey.allCases.map(Self.json))))
        return .json(200, .object(members))
    }

    private static func json(_ key: QueryKey) -> JSONValue {
        .object([
            .init("key", .string(key.rawValue)),
            .init("other_name", key.otherName.map(JSONValue.string) ?? .null),
            .init("means", .string(key.means)),
            .init("example", .string(key.example)),
            .init("compared", .bool(key.isCompared)),
            .init("values", .array(key.values.map(JSONValue.string))),
        ])
    }
}
