public import HTTPWire

/// Why a URL names no faults, and what was meant: whole sentences, for people.
public struct FaultPathError: Error, Equatable, CustomStringConvertible, Sendable {
    /// 404: there is no such fault; 414: too long; 400: anything else.
    public let status: HTTPStatus
    public let description: String

    init(_ status: HTTPStatus, _ description: String) {
        (self.status, self.description) = (status, description)
    }
}
