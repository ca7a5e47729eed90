/// How a replay was over.
enum ReplayEnding: String {
    /// All of the answer came: what its head promised, or the end of the connection where the head
    /// promised nothing.
    case complete
    /// The server sent its FIN before that.
    case fin
    /// The server reset the connection before that.
    case rst
    /// The time was over: that of the whole replay, or the kernel's for a connection.
    case timeout
    /// More came than is read: we closed our side.
    case truncated
    /// What came is no answer whose end could be told.
    case malformed
    /// Nobody accepted the connection.
    case refused
    /// A system call of ours failed.
    case error
}
