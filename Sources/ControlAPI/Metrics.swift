import ChaosProxy

/// The counters of all proxies in Prometheus' text format 0.0.4, up to date also while
/// connections are open.
enum Metrics {
    static func text(_ proxies: [RegisteredProxy]) -> String {
        let proxies = proxies.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        return family(
            "received", "Bytes that came in, from clients (upstream) and backends (downstream).",
            proxies, \.receivedUpstream, \.receivedDownstream)
            + family(
                "sent", "Bytes that went out, to backends (upstream) and clients (downstream).",
                proxies, \.sentUpstream, \.sentDownstream)
    }

    private static func family(
        _ verb: String, _ help: String, _ proxies: [RegisteredProxy],
        _ upstream: KeyPath<ProxyCounters, UInt64>, _ downstream: KeyPath<ProxyCounters, UInt64>
    ) -> String {
        guard !proxies.isEmpty else { return "" }
        let name = "toxiproxy_proxy_\(verb)_bytes_total"
        var text = "# HELP \(name) \(help)\n# TYPE \(name) counter\n"
        for proxy in proxies {
            let counters = proxy.proxy.counters
            for (direction, value) in [
                ("downstream", counters[keyPath: downstream]),
                ("upstream", counters[keyPath: upstream]),
            ] {
                text +=
                    "\(name){direction=\"\(direction)\",listener=\"\(escaped(proxy.listenText))\","
                    + "proxy=\"\(escaped(proxy.name))\",upstream=\"\(escaped(proxy.upstreamText))\""
                    + "} \(value)\n"
            }
        }
        return text
    }

    private static func escaped(_ label: String) -> String {
        var text = ""
        for scalar in label.unicodeScalars {
            switch scalar {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
