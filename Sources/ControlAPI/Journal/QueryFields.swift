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
            let hint = Suggestion.hint(for: field.name, in: known)
            throw APIError(400, "unknown parameter '\(field.name)'.\(hint)")
        }
    }

    subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

    private static func decoded(_ part: Slice<UnsafeRawBufferPointer>) -> String? {
        var bytes: [UInt8] = []
        var rest = part
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(0x20)
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(digit),
                    let low = rest.popFirst().flatMap(digit)
                else { return nil }
                bytes.append(high << 4 | low)
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
