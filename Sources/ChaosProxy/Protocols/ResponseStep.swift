/// What the next bytes from a backend are.
enum ResponseStep: Equatable {
    /// Nothing that can be told yet: ask again with these bytes and more.
    case incomplete
    /// The first `count` bytes belong to the reply to the oldest request (or to none, if there is
    /// no such request). `status` is HTTP's final status or SMTP's last code, with the bytes that
    /// say it.
    case bytes(count: Int, isComplete: Bool, status: UInt16?)
    /// The reply ends with the connection; nothing was used.
    case untilEnd
    /// From here on nothing is known in either direction; nothing was used.
    case tunnel(reason: String)
}
