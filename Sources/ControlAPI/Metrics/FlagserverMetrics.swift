import ChaosProxy
import Faults
import HTTPWire
import Records

/// Our own metrics for Prometheus, beside Toxiproxy's two counters.
enum FlagserverMetrics {
    /// - Parameter dropped: records that the journal's file did not get.
    static func bytes(_ proxies: [RegisteredProxy], dropped: UInt64) -> [UInt8] {
        let proxies = ProxyCoding.sorted(proxies).map {
            (MetricText.label("proxy", $0.name), $0.proxy)
        }
        var text = MetricText()
        appendRequests(proxies, to: &text)
        appendTotals(proxies, to: &text)
        appendGauges(proxies, to: &text)
        appendDurations(proxies, to: &text)
        text.begin("flagserver_build_info", .gauge, "The version that runs; always 1.")
        text.sample("flagserver_build_info", [MetricText.label("version", ControlAPI.version)], 1)
        let name = "flagserver_journal_records_dropped_total"
        text.begin(name, .counter, "Records that could not be written to the journal's file.")
        text.sample(name, [], dropped)
        return text.bytes
    }

    private typealias Proxies = [(label: String, proxy: Proxy)]

    /// A family of which each proxy has any number of samples; nothing if there are none.
    private static func append(
        _ name: String, _ help: String, _ label: String, _ proxies: Proxies,
        to text: inout MetricText, _ samples: (ProxyCounters) -> [RecordTotals.Sample]
    ) {
        let all = proxies.map { ($0.label, samples($0.proxy.counters)) }
        guard all.contains(where: { !$0.1.isEmpty }) else { return }
        text.begin(name, .counter, help)
        for (proxy, samples) in all {
            for (value, count) in samples {
                text.sample(name, [proxy, MetricText.label(label, value)], count)
            }
        }
    }

    private static func appendRequests(_ proxies: Proxies, to text: inout MetricText) {
        append(
            "flagserver_requests_total",
            "Exchanges that are over, by the status answered; none: nothing was.", "status",
            proxies, to: &text
        ) { $0.recorded.statusSamples }
        append(
            "flagserver_faults_total", "Faults that exchanges met, by their type.", "type",
            proxies, to: &text
        ) { $0.recorded.faultSamples }
        append(
            "flagserver_refused_total", "Requests and connections that were over a limit.",
            "reason", proxies, to: &text
        ) { counters in
            ExchangeRecord.Refusal.allCases
                .map { (value: $0.rawValue, count: counters.recorded.refusals[$0] ?? 0) }
                .sorted { $0.value < $1.value }
        }
    }

    /// A family of which each proxy has one sample.
    private static func append(
        _ name: String, _ kind: MetricText.Kind, _ help: String, _ proxies: Proxies,
        to text: inout MetricText, _ value: (Proxy) -> UInt64
    ) {
        guard !proxies.isEmpty else { return }
        text.begin(name, kind, help)
        for (proxy, found) in proxies { text.sample(name, [proxy], value(found)) }
    }

    private static func appendTotals(_ proxies: Proxies, to text: inout MetricText) {
        append(
            "flagserver_malformed_requests_total", .counter,
            "Requests that could not be understood or took too long.", proxies, to: &text
        ) { $0.counters.malformed }
        append(
            "flagserver_unplanned_errors_total", .counter,
            "Errors that no fault, no limit and no wrong request explains.", proxies, to: &text
        ) { $0.counters.recorded.unplanned }
        append(
            "flagserver_gave_up_total", .counter,
            "Clients that left while a fault or the queue held something back.", proxies, to: &text
        ) { $0.counters.recorded.gaveUp }
    }

    private static func appendGauges(_ proxies: Proxies, to text: inout MetricText) {
        append(
            "flagserver_requests_in_flight", .gauge, "Exchanges under way.", proxies, to: &text
        ) { count($0.counters.inFlight) }
        append(
            "flagserver_requests_in_flight_peak", .gauge,
            "Most exchanges under way at once since the last reset.", proxies, to: &text
        ) { count($0.counters.peak) }
        append(
            "flagserver_requests_queued", .gauge, "Requests that wait for a place.", proxies,
            to: &text
        ) { count($0.queuedCount) }
        append("flagserver_connections", .gauge, "Open connections.", proxies, to: &text) {
            count($0.counters.connections)
        }
        append(
            "flagserver_connections_peak", .gauge,
            "Most connections at once since the last reset.", proxies, to: &text
        ) { count($0.counters.peakConnections) }
    }

    private static func count(_ value: Int) -> UInt64 { UInt64(max(value, 0)) }

    private static func appendDurations(_ proxies: Proxies, to text: inout MetricText) {
        guard !proxies.isEmpty else { return }
        let name = "flagserver_request_duration_seconds"
        text.begin(
            name, .histogram, "From the complete request to the end of the response, in seconds.")
        let bounds = (RecordTotals.durationBounds.map(MetricText.seconds) + ["+Inf"])
            .map { MetricText.label("le", $0) }
        let names = (bucket: "\(name)_bucket", sum: "\(name)_sum", count: "\(name)_count")
        for (proxy, found) in proxies {
            let recorded = found.counters.recorded
            var count: UInt64 = 0
            for (bound, more) in zip(bounds, recorded.durations) {
                count += more
                text.sample(names.bucket, [bound, proxy], count)
            }
            let sum = MetricText.seconds(recorded.totalDuration)
            text.sample(names.sum, [proxy], sum)
            text.sample(names.count, [proxy], count)
        }
    }
}
