/// What a session keeps where its protocol has messages: half of one that has not come completely.
final class MessageReading {
    var framing: Framing
    /// A request that waits for its place, as it was understood.
    var heldStep: RequestStep?
    /// Bytes of the client, and of the backend, that are not used yet.
    var keptUp: [UInt8] = []
    var keptDown: [UInt8] = []

    init(_ protocol: ProxyProtocol) {
        framing = Framing(`protocol`)
    }

    /// What the client's next bytes are.
    func nextStep(_ bytes: UnsafeRawBufferPointer) -> RequestStep {
        defer { heldStep = nil }
        return heldStep ?? framing.request(bytes)
    }
}
