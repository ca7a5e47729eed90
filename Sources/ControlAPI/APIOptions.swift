public import EventLoop
public import Faults

/// What a control port offers, and to whom.
public struct APIOptions {
    /// Whose interface it has.
    public enum Mode: Sendable {
        /// Both peers', and our own.
        case flagserver
        case toxiproxy, vaurien
    }

    public var mode = Mode.flagserver
    /// Names that requests may call this host by, beside the loopback's.
    public var allowedHosts: [String] = []
    /// Requests may call this host by any name: it was put on a public address on purpose.
    public var acceptsAnyHost = false
    /// What requests must bring as `Authorization: Bearer`; nil: nothing.
    public var token: String?
    /// Toxiproxy has `/metrics` only if it was asked for.
    public var hasMetrics = true
    /// Whether Toxiproxy's counters of bytes are among them.
    public var hasByteCounters = true
    /// Whether what the kernel says of the process is.
    public var hasProcessMetrics = false
    /// The one proxy that Vaurien's routes are about.
    public var behaviourProxy = "chaos"
    /// Settings of behaviours that a request does not give.
    public var behaviourOptions: [Behaviour: Behaviour.Options] = [:]
    /// What Vaurien's `error` answers on proxies that are made over the interface.
    public var errors = Respond.standard
    /// What all draws of this process begin with; told with the records.
    public var seed: UInt64 = 0
    /// Makes private worlds; nil: there are none.
    public weak var worlds: (any WorldKeeper)?
    /// On which the server asks itself again, for `/replay`; nil: it does not.
    public var loop: EventLoop?
    /// How much of the journal is looked at in one turn of the loop.
    public var scanTurns = ScanTurns()
    /// How long a replay may take, in nanoseconds.
    public var replayTimeout: Nanoseconds = 30_000_000_000
    /// Begins the identities of requests.
    public var identitySeed = UInt64.random(in: .min ... .max)

    public init() {}
}
