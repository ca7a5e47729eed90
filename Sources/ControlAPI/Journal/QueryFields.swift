import Faults
import HTTPWire

/// The parameters of a request's query, as forms encode them.
struct QueryFields {
    /// In the order of the query; no name is twice.
    private(set) var fields: [(name: String, value: String)] = []

    /// - Throws: `APIError` for what is malformed or given twice.
    init(_ request: HTTPRequest) throws(APIError) {
        let query = request.target.drop { $0 != UInt8(ascii: "?") }.dropFirst()
        for part in query.split(separator: UInt8(ascii: "&")) {
            let equals = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
            guard let name = Self.decoded(part[..<equals]),
                let value = Self.decoded(part[equals...].dropFirst())
            else { throw APIError(400, "the query has a malformed percent-encoding") }
            guard !fields.contains(where: { $0.name == name }) else {
                throw APIError(400, "the parameter '\(name)' is given twice")
            }
            fields.append((name, value))
        }
    }

    /// - Parameter known: the names that there are.
    /// - Throws: `APIError` for another one.
    func check(_ known: [String]) throws(APIError) {
        for field in fields where !known.contains(field.name) {
            // One letter is near to every other.
            let hint = Suggestion.hint(for: field.name, in: known.filter { $0.count > 1 })
            throw APIError(400, "unknown parameter '\(field.name)'.\(hint)")
        }
    }

    subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

    private static func decoded(_ part: Slice<UnsafeRawBufferPointer>) -> String? {
        PercentCoding.decodeForm(.init(rebasing: part)).map { String(decoding: $0, as: UTF8.self) }
    }
}
