import HTTPWire
import Records

/// `POST /mark`: what the exchanges are called that begin from now on.
struct MarkRoute {
    private let api: ControlAPI

    init(_ api: ControlAPI) {
        self.api = api
    }

    /// - Throws: `APIError` for what is no label.
    func response(_ request: HTTPRequest) throws -> HTTPResponse {
        let value = try JSONReader.read(request.content)
        guard case .object(let members) = value, members.count == 1, members[0].name == "label"
        else {
            throw APIError(
                400, "wanted just a label: {\"label\":\"test_login\"}, or null for none")
        }
        api.environment?.mark(try Self.label(members[0].value))
        return HTTPResponse(204)
    }

    private static func label(_ value: JSONValue) throws -> String? {
        switch value {
        case .null: return nil
        case .string(let text):
            guard text.utf8.count <= RecordOrigin.maximumLabel else {
                throw APIError(400, "label: longer than \(RecordOrigin.maximumLabel) bytes")
            }
            return text.isEmpty ? nil : text
        case .bool, .number, .array, .object:
            throw APIError(400, "label: wanted text or null")
        }
    }
}
