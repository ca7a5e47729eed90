import ChaosProxy
import EventLoop
import Faults
import Records

/// What is under way, the most that was, and what came of it, as JSON: per proxy and per client
/// address.
enum ConcurrencyCoding {
    /// - Parameter maximumClients: of a proxy and of all together; those with the highest peaks.
    static func json(
        _ registry: ProxyRegistry, _ environment: ProxyEnvironment?, maximumClients: Int = .max
    ) -> JSONValue {
        var all = LatencyFigures()
        let proxies = ProxyCoding.sorted(registry.proxies).map { found in
            let members = figures(of: found.proxy, maximumClients)
            let records = records(found.proxy.counters.recorded, addingTo: &all)
            return JSONValue.Member(found.name, .object(members + records))
        }
        let meters = environment.map { Array($0.meters.values) } ?? []
        return .object([
            .init("proxies", .object(proxies)), .init("clients", clients(meters, maximumClients)),
            .init("latency", all.json), .init("latency_bounds_seconds", LatencyFigures.bounds),
        ])
    }

    private static func figures(of proxy: Proxy, _ maximumClients: Int) -> [JSONValue.Member] {
        let (counters, limits) = (proxy.counters, proxy.requestLimits)
        return [
            .init("in_flight", number(counters.inFlight)), .init("peak", number(counters.peak)),
            .init("in_flight_seconds", seconds(proxy.flightTime)),
            .init("limit", limit(limits.maxConcurrency)),
            .init("limit_per_client", limit(limits.maxConcurrencyPerClient)),
            .init("over_limit", limits.overLimit.map { .string(LimitsCoding.text($0)) } ?? .null),
            .init("rate", limits.rate.map { JSONWriter.number($0) } ?? .null),
            .init("queued", number(proxy.queuedCount)),
            .init("queued_seconds", seconds(proxy.timeQueued)),
            .init("requests", .number("\(counters.requests)")),
            .init("errors", .number("\(counters.injected)")),
            .init("refused", .number("\(counters.refused)")),
            .init("gave_up", .number("\(counters.recorded.gaveUp)")),
            .init("connections", number(counters.connections)),
            .init("peak_connections", number(counters.peakConnections)),
            .init("max_connections", limit(limits.maxConnections)),
            .init("clients", clients(proxy.clients, maximumClients)),
        ]
    }

    /// What is made from the records, as `/metrics` tells it.
    private static func records(
        _ totals: RecordTotals, addingTo all: inout LatencyFigures
    ) -> [JSONValue.Member] {
        let statuses = totals.statusSamples
        var latency = LatencyFigures.none
        if !statuses.isEmpty {
            let figures = LatencyFigures(totals)
            all.add(figures)
            latency = figures.json
        }
        return [
            .init("statuses", samples(statuses)), .init("faults", samples(totals.faultSamples)),
            .init("unplanned", .number("\(totals.unplanned)")), .init("latency", latency),
        ]
    }

    private static func samples(_ samples: [RecordTotals.Sample]) -> JSONValue {
        .object(samples.map { .init($0.value, .number("\($0.count)")) })
    }

    /// Since the start, of what is under way as well; mean concurrency is its growth over time.
    private static func seconds(_ time: Nanoseconds) -> JSONValue {
        JSONWriter.number(Double(time) / 1e9)
    }

    private static func clients(_ meters: [ClientMeter], _ maximum: Int) -> JSONValue {
        var meters = meters
        if meters.count > maximum {
            meters = Array(meters.sorted { $0.peak > $1.peak }.prefix(maximum))
        }
        let members = meters.map { meter in
            JSONValue.Member(
                meter.address.host,
                .object([
                    .init("in_flight", number(meter.inFlight)), .init("peak", number(meter.peak)),
                    .init("connections", number(meter.connections)),
                ]))
        }
        return .object(members.sorted { $0.name < $1.name })
    }

    private static func limit(_ value: Int?) -> JSONValue { value.map(number) ?? .null }

    private static func number(_ value: Int) -> JSONValue { .number(Int64(value)) }
}
