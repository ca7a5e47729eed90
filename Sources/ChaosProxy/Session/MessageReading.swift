import Faults

/// What a session keeps where its protocol has messages: half of one that has not come completely,
/// and what faults do to the connection beyond their exchanges.
final class MessageReading {
    var framing: Framing
    /// A request that waits for its place, as it was understood.
    var heldStep: RequestStep?
    /// Bytes of the client, and of the backend, that are not used yet.
    var keptUp: [UInt8] = []
    var keptDown: [UInt8] = []
    var beyond: ConnectionFaults?
    /// When the FIN that `slow_close` holds back is due: to the backend, to the client.
    var finishAt: Instant?
    var closeAt: Instant?

    init(_ protocol: ProxyProtocol) {
        framing = Framing(`protocol`)
    }

    /// What the client's next bytes are.
    func nextStep(_ bytes: UnsafeRawBufferPointer) -> RequestStep {
        defer { heldStep = nil }
        return heldStep ?? framing.request(bytes)
    }

    /// What the faults of one more exchange share with those before it.
    func note(_ faults: [FaultPlan.DrawnFault]) -> ConnectionFaults? {
        guard beyond != nil || ConnectionFaults.concern(faults) else { return nil }
        let beyond = beyond ?? ConnectionFaults()
        beyond.note(faults)
        self.beyond = beyond
        return beyond
    }
}
