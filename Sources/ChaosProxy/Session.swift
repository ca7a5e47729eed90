import EventLoop

/// One client connection of a proxy, as the proxy sees it. Loop thread only.
class Session: ConnectionHandler {
    unowned(unsafe) let proxy: Proxy
    /// At this proxy, from 1.
    let number: UInt32
    /// Place in the proxy's list; -1 in none.
    var index: Int32

    init(proxy: Proxy, index: Int32) {
        (self.proxy, self.index) = (proxy, index)
        number = proxy.nextConnectionNumber()
    }

    /// Whether the client waits for something that has been asked for.
    var isOwing: Bool { false }
    /// Once a second: ends what has taken too long.
    func checkTimeLimits(_ now: UInt64) {}
    /// Ends as soon as nothing is owed any more.
    func drain() {}
    /// Ends now, with FIN on both sides.
    func close() {}
    /// Ends now, with RST on both sides.
    func reset() {}
    /// The proxy has another plan; it holds for this session when this returns.
    func planChanged() {}
}
