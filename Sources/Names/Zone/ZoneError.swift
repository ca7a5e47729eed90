/// Why names cannot be as asked, and what is allowed: whole sentences, for people.
public struct ZoneError: Error, CustomStringConvertible, Equatable, Sendable {
    public let description: String
    /// The name that it is about; nil: of none that there is.
    public let name: DomainName?

    init(_ description: String, of name: DomainName? = nil) {
        (self.description, self.name) = (description, name)
    }
}
