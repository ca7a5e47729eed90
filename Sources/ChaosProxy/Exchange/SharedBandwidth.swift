import Faults

/// What `bandwidth` shares in each direction.
struct SharedBandwidth {
    let upstream: BandwidthCredits
    let downstream: BandwidthCredits

    /// Between all connections of a proxy.
    init() {
        (upstream, downstream) = (.ofProxy(), .ofProxy())
    }

    /// Between the exchanges of one of these connections, too.
    init(of proxy: SharedBandwidth) {
        upstream = BandwidthCredits(of: proxy.upstream)
        downstream = BandwidthCredits(of: proxy.downstream)
    }
}
