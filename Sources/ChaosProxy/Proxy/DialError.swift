/// Why a backend could not be reached.
public struct DialError: Error, CustomStringConvertible, Sendable {
    /// `connect 127.0.0.1:9: Connection refused`
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}
