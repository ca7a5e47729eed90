import EventLoop
import HTTPWire
import TestSupport
import Testing

@testable import Faults
@testable import Records

struct PeopleLineTests {
    private func record(_ change: (inout ExchangeRecord) -> Void = { _ in }) -> ExchangeRecord {
        var record = ExchangeRecord(proxy: "error")
        record.time = 1_795_269_721_120_345_678  // 2026-11-21T14:02:01.120Z
        (record.method, record.target) = ("GET", "/flags/br/br.gif")
        (record.attempt, record.status) = (1, 200)
        (record.bytesPromised, record.bytesSent) = (11_415, 11_415)
        record.duration = 1_250_000
        change(&record)
        return record
    }

    private func line(
        _ record: ExchangeRecord, width: Int? = 80, hasColor: Bool = false
    ) -> String {
        var (format, bytes) = (PeopleLine(hasColor: hasColor), [UInt8]())
        format.append(record, width: width, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func line(_ change: (inout ExchangeRecord) -> Void) -> String { line(record(change)) }

    /// What stands behind the request.
    private func words(_ change: (inout ExchangeRecord) -> Void) -> String {
        PeopleLine.words(record(change)).joined(separator: ", ")
    }

    private let injected = SampleRecords.respond(503, draw: nil)
    private let delayed = SampleRecords.latency(500_000_000)

    // MARK: Columns

    @Test func `80 columns have a clock, a name, a status, a time, and what was asked`() {
        #expect(line(record()) == "14:02:01.120 ERROR  200    1.2 ms  GET /flags/br/br.gif\n")
        #expect(
            line {
                ($0.faults, $0.status) = ([injected, delayed], 503)
                $0.duration = 500_449_999
            }
                == "14:02:01.120 ERROR  503  500.4 ms  GET /flags/br/br.gif  "
                + "injected, delayed 0.5 s\n")
    }

    @Test func `from 100 columns on there are the bytes, too`() {
        let found = line(record { $0.faults = [delayed] }, width: 120)
        #expect(
            found == "14:02:01.120 ERROR  200    1.2 ms     11415 B  GET /flags/br/br.gif          "
                + "delayed 0.5 s\n")
        #expect(line(record { $0.faults = [delayed] }, width: nil) == found)
    }

    @Test func `words that have no room stand below, and nothing is lost`() {
        let found = line {
            ($0.status, $0.bytesSent, $0.hasGivenUp, $0.ending) = (nil, 0, true, .clientFin)
            ($0.duration, $0.faults) = (3_100_000_000, [SampleRecords.latency(3_900_000_000)])
        }
        #expect(
            found == "14:02:01.120 ERROR  ---   3.100 s  GET /flags/br/br.gif\n"
                + "                                   client gave up after 3.1 of 3.9 s\n")
    }

    @Test(arguments: [60, 80, 99, 100, 120, 200])
    func `every line fits, whatever it has to say`(width: Int) {
        let target = "/" + String(repeating: "é🇧🇷x", count: 60)
        for ending in ExchangeRecord.Ending.allCases {
            let record = record {
                ($0.target, $0.ending, $0.faults) = (target, ending, [injected, delayed])
                ($0.refusal, $0.isMangled, $0.attempt) = (.maxConnections, true, 999)
                ($0.via, $0.queued, $0.bytesSent) = ("a long name", 1_500_000_000, 7)
            }
            let text = line(record, width: width)
            for line in text.split(separator: "\n") { #expect(line.columns <= width, "\(line)") }
            #expect(text.contains("…\n"))
        }
    }

    @Test func `columns stay aligned behind longer names`() {
        var (format, bytes) = (PeopleLine(hasColor: false), [UInt8]())
        for name in ["db", "proxy9000", "db", String(repeating: "long", count: 9)] {
            var record = ExchangeRecord(proxy: name)
            (record.status, record.method, record.target) = (200, "GET", "/")
            format.append(record, width: 80, to: &bytes)
        }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        #expect(
            lines.map { $0.dropFirst(13) } == [
                "DB     200    0.0 ms  GET /", "PROXY9000  200    0.0 ms  GET /",
                "DB         200    0.0 ms  GET /", "LONGLONGLONGLON…  200    0.0 ms  GET /",
            ])
    }

    @Test(
        arguments: [
            (200, "32"), (206, "32"), (304, "36"), (302, "36"), (404, "33"), (418, "33"),
            (503, "31"), (0, "32"), (3, "33"), (5, "31"),
        ] as [(RecordStatus, String)])
    func `colour is of the status, and takes no room`(status: RecordStatus, color: String) {
        let record = record { ($0.status, $0.faults) = (status, [injected, delayed]) }
        let escape = "\u{1b}["
        let colored = line(record, hasColor: true)
        let painted = "\(escape)\(color)m\(status.code)\(escape)0m"
        #expect(colored == line(record).replacing(" \(status.code) ", with: " \(painted) "))
    }

    @Test(
        arguments: [
            (99_999, "0.0 ms"), (1_999_999, "1.9 ms"), (999_999_999, "999.9 ms"),
            (1_000_000_000, "1.000 s"), (12_345_678_900, "12.345 s"), (99_999_999_999, "99.999 s"),
            (100_000_000_000, "100.0 s"), (3_600_000_000_000, "3600.0 s"),
        ] as [(Nanoseconds, String)])
    func `times are never rounded up`(time: Nanoseconds, text: String) {
        #expect(PeopleLine.duration(time) == text)
    }

    // MARK: Words

    @Test(
        arguments: [
            (.keep, ""), (.fin, ""), (.rst, "connection reset"), (.clientFin, "client left"),
            (.clientRST, "client reset the connection"),
            (.timeout, "client took nothing any more"),
            (.backendRefused, "no connection to the backend"),
            (.backendFin, "backend closed the connection"),
            (.backendRST, "backend reset the connection"),
            (.backendMalformed, "backend sent no proper reply"),
            (.upgraded, "a tunnel from here on"), (.error, "a system call failed"),
        ] as [(ExchangeRecord.Ending, String)])
    func `every ending is told in words`(ending: ExchangeRecord.Ending, shown: String) {
        #expect(words { $0.ending = ending } == shown)
    }

    @Test(
        arguments: [
            (3_100_000_000, 3_900_000_000, "after 3.1 of 3.9 s"),
            (99_999_999, 500_000_000, "after 99 of 500 ms"),
            (50_000_000, 2_000_000_000, "after 0.0 of 2.0 s"),
            (700_000_000, 0, "after 700 ms"), (5_250_000_000, 5_000_000_000, "after 5.2 s"),
        ] as [(Nanoseconds, Nanoseconds, String)])
    func `a client that gave up has waited so long of what was planned`(
        spent: Nanoseconds, planned: Nanoseconds, shown: String
    ) {
        let found = words {
            ($0.hasGivenUp, $0.duration, $0.ending, $0.bytesSent) = (true, spent, .clientRST, 0)
            $0.faults = planned > 0 ? [SampleRecords.latency(planned)] : []
        }
        #expect(found == "client gave up \(shown)")
    }

    @Test func `what was done, what is missing, and what came before are told in this order`() {
        var idle = delayed
        idle.hasActed = false
        let found = words {
            ($0.faults, $0.bytesSent, $0.isMangled) = ([injected, idle], 100, true)
            ($0.ending, $0.queued, $0.attempt, $0.via) = (.rst, 1_250_000_000, 2, "chaos")
        }
        #expect(
            found == "injected, delayed 0.5 s (had no effect), 100 of 11415 B, bytes changed, "
                + "connection reset, queued for 1.2 s, attempt 2, via chaos")
    }

    @Test(
        arguments: [
            (.maxConcurrency, "refused: over --max-concurrency"), (.rate, "refused: over --rate"),
            (.maxConnections, "refused: over --max-connections"),
        ] as [(ExchangeRecord.Refusal, String)])
    func `a refusal names the limit as it is typed`(
        refusal: ExchangeRecord.Refusal, shown: String
    ) {
        #expect(words { $0.refusal = refusal } == shown)
    }

    @Test func `attempts are told from the second on`() {
        for attempt in [nil, 1] as [UInt32?] { #expect(words { $0.attempt = attempt }.isEmpty) }
        #expect(words { $0.attempt = 2 } == "attempt 2")
    }

    @Test func `a request that was none, a connection, and a command have their names`() {
        #expect(line { ($0.method, $0.target, $0.status) = ("", "", 400) }.contains("(no request)"))
        #expect(line { ($0.method, $0.target, $0.status) = ("", "", nil) }.contains("(connection)"))
        let command = record { ($0.method, $0.target) = ("GET", "GET k5") }
        #expect(PeopleLine.request(command) == "GET k5")
    }
}
