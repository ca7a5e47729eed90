public import HTTPWire

/// A header field that a request must have, or must not have.
public struct HeaderMatch: Equatable, Sendable, CustomStringConvertible {
    /// In lower case.
    public let name: String
    /// A glob; nil: any value.
    public let value: String?
    /// Whether the request must be without it.
    public let isAbsent: Bool
    /// Made once: it costs as much as a request.
    private let pattern: TextPattern?

    public init(name: String, value: String? = nil) {
        (self.name, self.value, isAbsent) = (name.lowercased(), value, false)
        pattern = value.map { TextPattern(glob: $0) }
    }

    public init(absent name: String) {
        (self.name, value, isAbsent, pattern) = (name.lowercased(), nil, true, nil)
    }

    /// Whether one of the request's lines of that field has such a value; or whether it has none.
    public func applies(to request: HTTPRequest) -> Bool {
        (found(in: request) == nil) == isAbsent
    }

    /// The first value of that field that is as asked; nil if none is.
    private func found(in request: HTTPRequest) -> UnsafeRawBufferPointer? {
        let values = request.values(named: name)
        guard let pattern else { return values.first }
        return values.first { pattern.matches($0) }
    }

    /// What stands for the value that the request has, where each is counted; nil if it has none.
    public func key(of request: HTTPRequest) -> UInt64? {
        found(in: request).map { SeededGenerator.hash($0) }
    }

    /// As it can be given again: `range`, `range: bytes=*`, `!range`.
    public var description: String {
        value.map { "\(name): \($0)" } ?? (isAbsent ? "!\(name)" : name)
    }

    /// As people are told of it.
    var words: String { isAbsent ? "without \(name)" : description }
}
