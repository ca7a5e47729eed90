import Records

/// What few sessions have: made when it is needed, as there are thousands that never do.
final class SessionExtra {
    /// The oldest exchange that is not over.
    var first: Exchange?
    /// What a site's client has sent of a request, or of the body that follows one.
    var incoming: IncomingRequest?
    /// The proxy of ours that its client is.
    var via: String?
    /// The world and the label that the connection had when it began.
    var origin: RecordOrigin?
    /// What faults do to the connection beyond the exchanges that drew them.
    var faults: ConnectionFaults?
    /// How it begins, and how long it lasts, if faults have a say in it.
    var lifetime: ConnectionLifetime?
    /// What reads its first words, behind which it gets an error in place of the backend.
    var opening: OpeningReading?
    /// The script that waits for the next request.
    var script: ScriptAnswer?

    /// Bytes that faults hold, as far as the environment has been told.
    var heldBytes = 0

    /// Whether there is nothing that only this has a place for.
    var isEmpty: Bool {
        incoming == nil && via == nil && origin == nil && faults == nil && lifetime == nil
            && opening == nil && script == nil && heldBytes == 0
    }
}
