/// Why a backend could not be reached.
public struct DialError: Error, CustomStringConvertible, Sendable {
    /// `connect 127.0.0.1:9: Connection refused`
    public let description: String

    /// `Connection refused`
    var cause: String {
        description.lastIndex(of: ":").map { String(description[$0...].dropFirst(2)) }
            ?? description
    }

    public init(_ description: String) {
        self.description = description
    }
}
