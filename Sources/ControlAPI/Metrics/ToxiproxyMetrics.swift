import ChaosProxy

/// Toxiproxy's counters of all proxies for Prometheus, up to date also while connections are open.
enum ToxiproxyMetrics {
    static func bytes(_ proxies: [RegisteredProxy]) -> [UInt8] {
        let proxies = ProxyCoding.sorted(proxies)
        var text = MetricText()
        append(
            "received", "Bytes that came in, from clients (upstream) and backends (downstream).",
            proxies, \.receivedUpstream, \.receivedDownstream, to: &text)
        append(
            "sent", "Bytes that went out, to backends (upstream) and clients (downstream).",
            proxies, \.sentUpstream, \.sentDownstream, to: &text)
        return text.bytes
    }

    private static func append(
        _ verb: String, _ help: String, _ proxies: [RegisteredProxy],
        _ upstream: KeyPath<ProxyCounters, UInt64>, _ downstream: KeyPath<ProxyCounters, UInt64>,
        to text: inout MetricText
    ) {
        guard !proxies.isEmpty else { return }
        let name = "toxiproxy_proxy_\(verb)_bytes_total"
        text.begin(name, .counter, help)
        for proxy in proxies {
            let counters = proxy.proxy.counters
            let labels = [
                MetricText.label("listener", proxy.listenText),
                MetricText.label("proxy", proxy.name),
                MetricText.label("upstream", proxy.upstreamText),
            ]
            for (direction, value) in [
                ("downstream", counters[keyPath: downstream]),
                ("upstream", counters[keyPath: upstream]),
            ] {
                text.sample(name, [MetricText.label("direction", direction)] + labels, value)
            }
        }
    }
}
