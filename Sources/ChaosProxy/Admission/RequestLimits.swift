public import HTTPWire

/// How much of a proxy clients may have at once. What is nil has no limit.
public struct RequestLimits: Equatable, Sendable {
    /// What becomes of a request, or a connection, that is over a limit.
    public enum OverLimit: Equatable, Sendable {
        /// It is answered: 503 or 429.
        case respond(HTTPStatus)
        /// It waits until there is a place, `maximumWait` at most.
        case queue
        /// The connection ends without a byte.
        case close
    }

    /// Requests that may wait at one proxy; one more is answered 503.
    public static let maximumQueued = 1000
    /// How long a request may wait, in seconds; then it is answered 503.
    public static let maximumWait: UInt32 = 30

    /// Requests in flight, from 1.
    public var maxConcurrency: Int?
    /// The same of each client address that is told apart, from 1.
    public var maxConcurrencyPerClient: Int?
    /// nil: a request is answered 503, a connection waits in the kernel's queue.
    public var overLimit: OverLimit?
    /// Requests a second, more than 0. A burst may have `max(1, rate)`; what is over it is
    /// answered 429.
    public var rate: Double?
    /// Connections, from 1.
    public var maxConnections: Int?

    public init() {}

    /// What is to be changed of them: nil leaves a limit as it is, `.some(nil)` takes it away.
    public struct Changes: Equatable, Sendable {
        public var maxConcurrency: Int??
        public var maxConcurrencyPerClient: Int??
        public var overLimit: OverLimit??
        public var rate: Double??
        public var maxConnections: Int??

        public init() {}
    }

    public func applying(_ changes: Changes) -> RequestLimits {
        var limits = self
        if let value = changes.maxConcurrency { limits.maxConcurrency = value }
        if let value = changes.maxConcurrencyPerClient { limits.maxConcurrencyPerClient = value }
        if let value = changes.overLimit { limits.overLimit = value }
        if let value = changes.rate { limits.rate = value }
        if let value = changes.maxConnections { limits.maxConnections = value }
        return limits
    }
}
