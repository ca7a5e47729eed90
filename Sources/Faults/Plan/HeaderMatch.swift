public import HTTPWire

/// A header field that a request must have.
public struct HeaderMatch: Equatable, Sendable, CustomStringConvertible {
    /// In lower case.
    public let name: String
    /// A glob; nil: any value.
    public let value: String?

    public init(name: String, value: String? = nil) {
        (self.name, self.value) = (name.lowercased(), value)
    }

    /// Whether one of the request's lines of that field has such a value.
    public func applies(to request: HTTPRequest) -> Bool {
        let values = request.values(named: name)
        guard let pattern = value else { return !values.isEmpty }
        return values.contains { Match.glob(pattern.utf8, matches: $0) }
    }

    /// As it can be given again: `range`, `range: bytes=*`.
    public var description: String { value.map { "\(name): \($0)" } ?? name }
}
