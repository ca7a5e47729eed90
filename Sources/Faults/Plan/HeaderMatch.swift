/// A header field that a request must have.
public struct HeaderMatch: Equatable, Sendable {
    /// In lower case.
    public let name: String
    /// A glob; nil: any value.
    public let value: String?

    public init(name: String, value: String? = nil) {
        (self.name, self.value) = (name.lowercased(), value)
    }
}
