/// What a draw is made for, as numbers: a request with its response where a protocol has them,
/// else a connection.
public struct DrawKey: Equatable, Sendable {
    /// `SeededGenerator.hash` of the request target as sent, query included.
    public let target: UInt64
    /// How often this proxy has seen that target since the last reset, from 1.
    public let attempt: UInt32
    /// How many exchanges this proxy has seen, from 1. Only the exact mode and ranges look at it.
    public let number: UInt64
    /// How many exchanges were under way at the proxy when it began, itself among them. What hits
    /// it does not depend on it.
    public var inFlight: UInt32 = 1
    /// Whether it is a whole connection, whose key is its number.
    public let isConnection: Bool

    public init(target: UInt64, attempt: UInt32, number: UInt64) {
        (self.target, self.attempt, self.number) = (target, attempt, number)
        isConnection = false
    }

    /// - Parameter number: which of its proxy's connections, from 1.
    public init(connection number: UInt64) {
        (target, attempt, self.number) = (SeededGenerator.mix(number), 1, number)
        isConnection = true
    }
}
