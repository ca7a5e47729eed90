public import HTTPWire

/// What a script wants done now, in order.
public enum ScriptAction {
    /// What the head of an answer means, of which the bytes follow (with `Bytes.asHead`).
    ///
    /// - Parameters:
    ///   - status: nil if it says none that there is.
    ///   - statusLine: how many bytes the status line has, with its end.
    ///   - promised: Content-Length; nil if there is none, or several, or it is no number.
    case head(status: HTTPStatus?, statusLine: Int, promised: Int?)
    /// Content, framing and what is neither are told apart by the storage's `content`, harm by
    /// `harm`.
    case bytes(Bytes)
    /// The connection ends behind the bytes before it.
    case cut(Cut)
    /// Our side alone ends (FIN) behind the bytes before it; the client is still heard, and the
    /// script goes on.
    case half
    /// The exchange is over; the next request on this connection is for this script.
    case awaitRequest
    /// The answer is over. The connection goes on or ends as the honest answer would have it.
    case end
}
