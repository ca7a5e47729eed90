import Records

/// What few sessions have: made when it is needed, as there are thousands that never do.
final class SessionExtra {
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
}
