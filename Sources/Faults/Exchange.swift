/// What a draw is made for, as numbers: a request with its response on protocol `http`.
public struct Exchange: Equatable, Sendable {
    /// `SeededGenerator.hash` of the request target as sent, query included.
    public let target: UInt64
    /// How often this proxy has seen that target since the last reset, from 1.
    public let attempt: UInt32
    /// How many exchanges this proxy has seen, from 1. Only the exact mode looks at it.
    public let number: UInt64

    public init(target: UInt64, attempt: UInt32, number: UInt64) {
        (self.target, self.attempt, self.number) = (target, attempt, number)
    }
}
