/// How much a client takes, and how long it waits.
public struct DownloadLimits: Equatable, Sendable {
    /// Requests and connections at once, 1...1000.
    public var connections: Int
    /// Whether no more connections are begun than are of use. Not for who measures: requests may
    /// wait a little for one.
    public var sparesConnections = false
    /// Of one answer, in bytes.
    public var content = 64 << 20
    /// Of all answers that are being read, in bytes.
    public var contentInAll = 512 << 20
    /// Of one request.
    public var redirects = 10
    /// For a connection, and for the next bytes of an answer, in nanoseconds.
    public var patience: UInt64
    /// For one request with its redirects, in nanoseconds.
    public var total: UInt64

    public init(connections: Int, patience: UInt64 = 3_100_000_000, total: UInt64 = .max) {
        self.connections = min(max(connections, 1), 1000)
        (self.patience, self.total) = (patience, total)
    }
}
