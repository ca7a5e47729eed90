public import EventLoop

/// What one client address has under way: at one proxy or, as its `total`, at all of them. Loop
/// thread only.
public final class ClientMeter {
    /// Addresses that are told apart; what others do is in the proxies' figures only.
    static let maximumClients = 4096

    /// With port 0.
    public let address: SocketAddress
    public private(set) var inFlight = 0
    /// Most at once since the start or the last reset.
    public private(set) var peak = 0
    public internal(set) var connections = 0 {
        didSet { total?.connections += connections - oldValue }
    }
    let total: ClientMeter?

    init(_ address: SocketAddress, total: ClientMeter?) {
        (self.address, self.total) = (address, total)
    }

    @inline(__always)
    func began() {
        inFlight += 1
        if inFlight > peak { peak = inFlight }
        guard let total else { return }
        total.inFlight += 1
        if total.inFlight > total.peak { total.peak = total.inFlight }
    }

    @inline(__always)
    func ended() {
        inFlight -= 1
        if let total { total.inFlight -= 1 }
    }

    /// What `began` and `ended` do one after the other.
    @inline(__always)
    func passed() {
        if inFlight >= peak { peak = inFlight + 1 }
        if let total, total.inFlight >= total.peak { total.peak = total.inFlight + 1 }
    }

    func resetPeak() { peak = inFlight }
}
