/// Why names cannot be as asked, and what is allowed: whole sentences, for people.
public struct ZoneError: Error, CustomStringConvertible, Equatable, Sendable {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}
