/// What can go wrong, by the API's word for it.
///
/// Names, attributes and units are Toxiproxy's where Toxiproxy has the fault; `corrupt` is
/// Vaurien's `error` on protocols without errors, `respond` our own.
public enum FaultType: String, CaseIterable, Sendable {
    case noop, latency, bandwidth, slicer
    case limitData = "limit_data"
    case slowClose = "slow_close"
    case timeout
    case resetPeer = "reset_peer"
    case packetLoss = "packet_loss"
    case corrupt, respond

    /// Where a fault acts.
    public enum Place: String, Sendable {
        /// The answer is another one, and the backend is not contacted.
        case exchange
        /// When the bytes leave, how many, in which pieces, and how they end.
        case bytes
    }

    public var place: Place { self == .respond ? .exchange : .bytes }

    /// One sentence for people.
    public var summary: String {
        switch self {
        case .noop: "Nothing happens."
        case .latency: "Bytes arrive later, in order; delays of bytes that follow overlap."
        case .bandwidth: "Bytes arrive at a limited rate; a rate of 0 stalls them."
        case .slicer: "Bytes arrive in small pieces, with a pause between them."
        case .limitData: "The connection is closed after so many bytes."
        case .slowClose: "The end of the connection (FIN) arrives later."
        case .timeout: "Nothing gets through; the connection is closed after a while, or never."
        case .resetPeer: "The connection is reset (RST), some time after the first bytes."
        case .packetLoss: "Some pieces of the stream are missing."
        case .corrupt: "Random bytes arrive in place of the data, or in the middle of it."
        case .respond: "Another status is answered; the backend is not contacted."
        }
    }

    /// A complete value of `--toxic` that can be pasted.
    public var example: String {
        let attributes =
            switch self {
            case .noop: ""
            case .latency: " latency=200ms jitter=50ms"
            case .bandwidth: " rate=64kB/s"
            case .slicer: " average_size=64B size_variation=32B delay=10ms"
            case .limitData: " bytes=4096B toxicity=0.1"
            case .slowClose: " delay=2s"
            case .timeout: " timeout=5s"
            case .resetPeer: " timeout=500ms toxicity=0.1"
            case .packetLoss: " loss_rate=0.1 correlation=0.5"
            case .corrupt: " bytes=1000B toxicity=0.1"
            case .respond: " 418=1 503=3 retry_after=2s toxicity=0.25"
            }
        return "local:\(rawValue)\(attributes)"
    }
}
