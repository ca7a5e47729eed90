import ControlAPI

// To look into what was answered.

extension JSONValue {
    /// A member of an object; nil if there is none, or it is no object.
    subscript(name: String) -> JSONValue? {
        members.last { $0.name == name }?.value
    }

    /// None if it is no object.
    var members: [Member] {
        if case .object(let members) = self { members } else { [] }
    }

    /// None if it is no array.
    var elements: [JSONValue] {
        if case .array(let elements) = self { elements } else { [] }
    }

    var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// As it is spelled.
    var digits: String? {
        if case .number(let digits) = self { digits } else { nil }
    }

    var isTrue: Bool { self == .bool(true) }
}
