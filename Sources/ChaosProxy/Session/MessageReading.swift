/// What a session keeps where its protocol has messages: half of one that has not come completely.
final class MessageReading {
    var framing: any MessageFraming
    /// A request that waits for its place.
    var held: HeldRequest?
    /// Bytes of the client, and of the backend, that are not used yet.
    var keptUp: [UInt8] = []
    var keptDown: [UInt8] = []

    init(_ framing: any MessageFraming) {
        self.framing = framing
    }

    /// What the client's next bytes are.
    func nextStep(_ bytes: UnsafeRawBufferPointer) -> RequestStep {
        guard let held else { return framing.request(bytes) }
        self.held = nil
        return held.step(in: bytes)
    }
}
