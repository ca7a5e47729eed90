import EventLoop

/// What a session keeps where its protocol has messages: half of one that has not come completely.
final class MessageReading {
    /// Connections to the backend that were given up and are not closed yet.
    var givenUp: [ConnectionHandler] = []
    var framing: any MessageFraming
    /// A request that waits for its place.
    var held: HeldRequest?
    /// Bytes of the client, and of the backend, that are not used yet.
    var keptUp: [UInt8] = []
    var keptDown: [UInt8] = []
    /// Whether the last request that the client will send has come.
    var hasLast = false
    /// For how many seconds the request under way has kept us waiting.
    var waited: UInt32 = 0
    /// Content runs in the bytes of a reply, used again and again.
    var runs: [Range<Int>] = []

    init(_ framing: any MessageFraming) {
        self.framing = framing
    }

    /// What the client's next bytes are.
    func nextStep(_ bytes: UnsafeRawBufferPointer) -> RequestStep {
        guard let held else { return framing.request(bytes) }
        self.held = nil
        return held.step(in: bytes)
    }

    /// A request has begun, and has all its time.
    func beginRequest() {
        waited = 0
    }

    /// What comes from the backend from now on begins with a reply.
    func restartReplies() {
        keptDown = []
        framing.restartReplies()
    }
}
