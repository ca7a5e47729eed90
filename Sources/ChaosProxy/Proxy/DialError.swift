/// Why a backend could not be reached.
public struct DialError: Error, CustomStringConvertible, Sendable {
    /// `connect 127.0.0.1:9: Connection refused`
    public let description: String
    /// The handshake was over, and the backend's RST here, before anybody could look.
    let isReset: Bool

    /// `Connection refused`: what stands behind the last colon and blank, or all.
    var cause: String {
        let words = description.split(separator: " ")
        let before = words.lastIndex { $0.hasSuffix(":") } ?? -1
        return words[(before + 1)...].joined(separator: " ")
    }

    public init(_ description: String, isReset: Bool = false) {
        (self.description, self.isReset) = (description, isReset)
    }
}
