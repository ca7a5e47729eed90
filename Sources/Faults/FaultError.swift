/// Why a fault, a toxic or a mix cannot be, and what is allowed: whole sentences, for people.
public struct FaultError: Error, CustomStringConvertible, Equatable, Sendable {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }

    /// `a, b and c`
    static func listed(_ names: [String]) -> String {
        names.count < 2
            ? names.joined()
            : names.dropLast().joined(separator: ", ") + " and " + (names.last ?? "")
    }
}
