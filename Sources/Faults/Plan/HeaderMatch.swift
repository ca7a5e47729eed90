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
    public func applies(to request: HTTPRequest) -> Bool { found(in: request) != nil }

    /// The first value of that field that is as asked; nil if none is.
    private func found(in request: HTTPRequest) -> UnsafeRawBufferPointer? {
        let values = request.values(named: name)
        guard let pattern = value else { return values.first }
        return values.first { Match.glob(pattern.utf8, matches: $0) }
    }

    /// What stands for the value that the request has, where each is counted; nil if it has none.
    public func key(of request: HTTPRequest) -> UInt64? {
        found(in: request).map { SeededGenerator.hash($0) }
    }

    /// As it can be given again: `range`, `range: bytes=*`.
    public var description: String { value.map { "\(name): \($0)" } ?? name }
}
