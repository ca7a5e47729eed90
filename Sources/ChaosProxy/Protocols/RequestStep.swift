/// What the next bytes from a client are.
enum RequestStep: Equatable {
    /// Nothing that can be told yet: ask again with these bytes and more, or after the next reply.
    case incomplete
    /// A request begins with the first `count` bytes: its head, and as much of its body as is here.
    case begins(RequestHead, count: Int, isComplete: Bool)
    /// The first `count` bytes belong to the request under way; none if only its end is now known.
    case continues(count: Int, isComplete: Bool)
    /// From here on it is not known where requests begin; nothing was used. Replies to the requests
    /// before can still be told apart.
    case tunnel(reason: String)
}
