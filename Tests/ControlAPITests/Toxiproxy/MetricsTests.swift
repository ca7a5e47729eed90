import ChaosProxy
import EventLoop
import Records
import TestSupport
import Testing

@testable import ControlAPI

@Suite struct MetricsTests {
    private func ours(_ harness: ControlHarness) throws -> String {
        let body = try harness.send("GET /metrics").body
        let start = body.firstRange(of: "# HELP flagserver_")?.lowerBound ?? body.endIndex
        return String(body[start...])
    }

    @Test func `without proxies there is the program itself`() throws {
        #expect(
            try ours(ControlHarness()) == """
                # HELP flagserver_build_info The version that runs; always 1.
                # TYPE flagserver_build_info gauge
                flagserver_build_info{version="0.1.0"} 1
                # HELP flagserver_journal_records_dropped_total Records that could not be written \
                to the journal's file.
                # TYPE flagserver_journal_records_dropped_total counter
                flagserver_journal_records_dropped_total 0

                """)
    }

    @Test func `only our own mode has our own metrics`() throws {
        let harness = try ControlHarness { $0.mode = .toxiproxy }
        try harness.create("a")
        let body = try harness.send("GET /metrics").body
        #expect(body.contains("toxiproxy_proxy_sent_bytes_total{") && !body.contains("flagserver_"))
    }

    @Test func `a small case is written exactly`() throws {
        let harness = try ControlHarness()
        harness.control.droppedRecords = { 3 }
        let proxy = try harness.addSite("error").proxy
        proxy.begin(2, from: try #require(SocketAddress(host: "127.0.0.1", port: 1)))
        proxy.note(peak: 4, connections: 5)
        proxy.note(malformed: 1, refused: 1)
        var record = SampleRecords.documented
        record.duration = 700_000_000
        proxy.record(record)
        (record.status, record.faults, record.duration) = (200, [], 1_000_000)
        proxy.record(record)
        proxy.record(record)
        (record.status, record.ending, record.duration) = (nil, .rst, 20_000_000_001)
        proxy.record(record)
        (record.status, record.refusal, record.ending) = (429, .rate, .keep)
        proxy.record(record)
        (record.status, record.refusal, record.hasGivenUp) = (nil, nil, true)
        (record.ending, record.duration) = (.clientFin, 1)
        proxy.record(record)
        #expect(try ours(harness) == Self.smallCase)
    }

    @Test func `names are sorted and escaped`() throws {
        let harness = try ControlHarness()
        for name in ["b", #"a\"\n\\"#] { try harness.create(name) }
        let lines = try ours(harness).split(separator: "\n").filter {
            $0.hasPrefix("flagserver_connections{")
        }
        #expect(
            lines == [
                #"flagserver_connections{proxy="a\"\n\\"} 0"#,
                #"flagserver_connections{proxy="b"} 0"#,
            ])
    }

    @Test(arguments: [
        (0, "0"), (1, "0.000000001"), (1_000_000, "0.001"), (2_500_000_000, "2.5"),
        (10_000_000_000, "10"), (UInt64.max, "18446744073.709551615"),
    ])
    func `seconds are exact`(_ nanoseconds: UInt64, _ text: String) {
        #expect(MetricText.seconds(nanoseconds) == text)
    }

    private static let smallCase = """
        # HELP flagserver_requests_total Exchanges that are over, by the status answered; none: \
        nothing was.
        # TYPE flagserver_requests_total counter
        flagserver_requests_total{proxy="error",status="200"} 2
        flagserver_requests_total{proxy="error",status="429"} 1
        flagserver_requests_total{proxy="error",status="503"} 1
        flagserver_requests_total{proxy="error",status="none"} 2
        # HELP flagserver_faults_total Faults that exchanges met, by their type.
        # TYPE flagserver_faults_total counter
        flagserver_faults_total{proxy="error",type="respond"} 1
        # HELP flagserver_refused_total Requests and connections that were over a limit.
        # TYPE flagserver_refused_total counter
        flagserver_refused_total{proxy="error",reason="max-concurrency"} 0
        flagserver_refused_total{proxy="error",reason="max-concurrency-per-client"} 0
        flagserver_refused_total{proxy="error",reason="max-connections"} 0
        flagserver_refused_total{proxy="error",reason="rate"} 1
        # HELP flagserver_malformed_requests_total Requests that could not be understood or took \
        too long.
        # TYPE flagserver_malformed_requests_total counter
        flagserver_malformed_requests_total{proxy="error"} 1
        # HELP flagserver_unplanned_errors_total Errors that no fault, no limit and no wrong \
        request explains.
        # TYPE flagserver_unplanned_errors_total counter
        flagserver_unplanned_errors_total{proxy="error"} 1
        # HELP flagserver_gave_up_total Clients that left while a fault or the queue held \
        something back.
        # TYPE flagserver_gave_up_total counter
        flagserver_gave_up_total{proxy="error"} 1
        # HELP flagserver_requests_in_flight Exchanges under way.
        # TYPE flagserver_requests_in_flight gauge
        flagserver_requests_in_flight{proxy="error"} 2
        # HELP flagserver_requests_in_flight_peak Most exchanges under way at once since the last \
        reset.
        # TYPE flagserver_requests_in_flight_peak gauge
        flagserver_requests_in_flight_peak{proxy="error"} 4
        # HELP flagserver_requests_queued Requests that wait for a place.
        # TYPE flagserver_requests_queued gauge
        flagserver_requests_queued{proxy="error"} 0
        # HELP flagserver_connections Open connections.
        # TYPE flagserver_connections gauge
        flagserver_connections{proxy="error"} 0
        # HELP flagserver_connections_peak Most connections at once since the last reset.
        # TYPE flagserver_connections_peak gauge
        flagserver_connections_peak{proxy="error"} 5
        # HELP flagserver_request_duration_seconds From the complete request to the end of the \
        response, in seconds.
        # TYPE flagserver_request_duration_seconds histogram
        flagserver_request_duration_seconds_bucket{le="0.001",proxy="error"} 3
        flagserver_request_duration_seconds_bucket{le="0.005",proxy="error"} 3
        flagserver_request_duration_seconds_bucket{le="0.01",proxy="error"} 3
        flagserver_request_duration_seconds_bucket{le="0.025",proxy="error"} 3
        flagserver_request_duration_seconds_bucket{le="0.05",proxy="error"} 3
        flagserver_request_duration_seconds_bucket{le="0.1",proxy="error"} 3
        flagserver_request_duration_seconds_bucket{le="0.25",proxy="error"} 3
        flagserver_request_duration_seconds_bucket{le="0.5",proxy="error"} 3
        flagserver_request_duration_seconds_bucket{le="1",proxy="error"} 4
        flagserver_request_duration_seconds_bucket{le="2.5",proxy="error"} 4
        flagserver_request_duration_seconds_bucket{le="5",proxy="error"} 4
        flagserver_request_duration_seconds_bucket{le="10",proxy="error"} 4
        flagserver_request_duration_seconds_bucket{le="+Inf",proxy="error"} 6
        flagserver_request_duration_seconds_sum{proxy="error"} 40.702000003
        flagserver_request_duration_seconds_count{proxy="error"} 6
        # HELP flagserver_build_info The version that runs; always 1.
        # TYPE flagserver_build_info gauge
        flagserver_build_info{version="0.1.0"} 1
        # HELP flagserver_journal_records_dropped_total Records that could not be written to the \
        journal's file.
        # TYPE flagserver_journal_records_dropped_total counter
        flagserver_journal_records_dropped_total 3

        """
}
