@testable import ControlAPI

extension JSONValue {
    init(text: String) throws {
        self = try Array(text.utf8).withUnsafeBytes { try JSONReader.read($0, isWhole: true) }
    }

    subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    subscript(index: Int) -> JSONValue? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }
}
