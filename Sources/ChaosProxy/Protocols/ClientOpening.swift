/// What a client says on a connection before it takes an error for the answer to it, where the
/// connection is the exchange. Only asked where there is such an error. Pure.
protocol ClientOpening: Sendable {
    /// - Parameter bytes: the next that the client has sent; it keeps what it needs of them.
    /// - Returns: what it is to be told at once, and whether it has said all.
    mutating func read(_ bytes: UnsafeRawBufferPointer) -> (reply: [UInt8], isComplete: Bool)
}
