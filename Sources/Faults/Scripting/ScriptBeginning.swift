/// When the steps of a script begin.
public enum ScriptBeginning: Sendable {
    /// As soon as the connection is there. The first `request` then waits for the first one,
    /// without ``ScriptAction/awaitRequest``.
    case accept
    /// When the head of the request is there.
    case head
    /// When the request is complete.
    case complete
}
