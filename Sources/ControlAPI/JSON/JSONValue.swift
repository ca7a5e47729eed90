/// A JSON value (RFC 8259) with everything that its text says: members keep their order and
/// their duplicates, numbers their digits.
public enum JSONValue: Equatable, Sendable {
    case null
    case bool(Bool)
    /// As it is spelled.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([Member])

    public struct Member: Equatable, Sendable {
        public let name: String
        public let value: JSONValue

        public init(_ name: String, _ value: JSONValue) {
            (self.name, self.value) = (name, value)
        }
    }

    /// What Go calls it where another type was expected; a number is spelled out if it is of the
    /// right type but cannot be represented.
    var typeName: String {
        switch self {
        case .null: "null"
        case .bool: "bool"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }

    static func number(_ value: Int64) -> JSONValue { .number("\(value)") }
}

/// A body that is not what was expected, in the words of Go's decoder: clients print them.
public struct JSONError: Error, Equatable, CustomStringConvertible {
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
