import HTTPWire

/// How a request begins: what its faults are drawn by.
struct RequestHead: Equatable {
    /// Longest `target` of a protocol other than HTTP, in bytes.
    static let maximumTarget = 1024

    /// Where the method or command name lies, within the bytes that were given.
    var method: Range<Int>
    /// Where that lies which tells this request from others: HTTP's request target, else the
    /// command with its arguments as sent, without its line end, at most `maximumTarget` bytes.
    var target: Range<Int>
    /// False if no reply will come.
    var isAnswered = true
    /// How the reply has to be read: the framing's own, to be given back to `response`.
    var kind: UInt8 = 0
    /// The request of HTTP, as views into the bytes that were given.
    var request: HTTPRequest?

    /// Wherever the bytes lie.
    static func == (left: RequestHead, right: RequestHead) -> Bool {
        left.method == right.method && left.target == right.target
            && left.isAnswered == right.isAnswered && left.kind == right.kind
    }
}
