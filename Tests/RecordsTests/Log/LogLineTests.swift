import EventLoop
import HTTPWire
import Testing

@testable import Faults
@testable import Records

struct LogLineTests {
    /// 2026-11-21T14:02:01.120345678Z
    private static let time: Int64 = 1_795_269_721_120_345_678
    private let delayed = FaultPlan.DrawnFault(
        toxic: Toxic(
            .latency(Latency(latency: 500_000_000, jitter: 0)), stream: .downstream,
            toxicity: .random(.always)),
        draw: 0.1134567, effect: .latency(500_049_999), hasActed: true)
    private let hurt = FaultPlan.DrawnFault(
        toxic: Toxic(
            .respond(Respond(statuses: [(503, 1)], retryAfter: nil)), stream: .upstream,
            toxicity: .exact(.never)),
        draw: nil, effect: .respond(503, retryAfter: nil), hasActed: true)

    /// Without colour.
    private let forPeople = LogLine.Style.people(hasColor: false)

    private func record(
        _ change: (inout ExchangeRecord) -> Void = { _ in }
    ) -> ExchangeRecord {
        var record = ExchangeRecord(proxy: "error")
        record.time = Self.time
        (record.connection, record.exchange) = (7, 2)
        record.client = SocketAddress(host: "127.0.0.1", port: 50_000)
        (record.method, record.target) = ("GET", "/flags/br/br.gif")
        (record.attempt, record.status) = (1, 200)
        (record.bytesPromised, record.bytesSent) = (11_415, 11_415)
        (record.duration, record.inFlight) = (1_250_000, 3)
        change(&record)
        return record
    }

    private func line(_ style: LogLine.Style, _ record: ExchangeRecord) -> String {
        var log = LogLine(style)
        var line = Array("before\n".utf8)
        log.append(record, to: &line)
        let text = String(decoding: line, as: UTF8.self)
        #expect(text.hasPrefix("before\n"))
        return String(text.dropFirst(7))
    }

    private func text(_ change: (inout ExchangeRecord) -> Void = { _ in }) -> String {
        line(.text, record(change))
    }

    // MARK: Text

    @Test func `text is key=value in one line`() {
        #expect(
            text() == "t=2026-11-21T14:02:01.120345Z proxy=error conn=7 exchange=2 "
                + "client=127.0.0.1:50000 method=GET target=/flags/br/br.gif attempt=1 status=200 "
                + "bytes=11415 delay_ms=0.0 duration_ms=1.2 faults=- end=keep\n")
    }

    @Test func `text names the faults and what they did`() {
        let line = text {
            ($0.faults, $0.status, $0.ending) = ([hurt, delayed], 503, .fin)
            $0.actualDelay = 500_149_999
        }
        #expect(
            line.hasSuffix(
                " status=503 bytes=11415 delay_ms=500.0 actual_delay_ms=500.1 duration_ms=1.2 "
                    + "faults=respond_upstream:503,latency_downstream:500.0ms end=fin\n"))
    }

    @Test func `text has a dash for what is not known`() {
        let line = text {
            ($0.client, $0.method, $0.target, $0.attempt) = (nil, "", "", nil)
            ($0.status, $0.bytesPromised, $0.bytesSent) = (nil, nil, 0)
        }
        #expect(
            line.contains(
                " client=- method=- target=- attempt=- status=- bytes=0 delay_ms=0.0 "))
    }

    @Test func `text tells of bytes that were promised and not sent`() {
        #expect(text { $0.bytesSent = 100 }.contains(" bytes=100 bytes_promised=11415 delay_ms="))
        #expect(!text { $0.bytesPromised = nil }.contains("bytes_promised"))
    }

    @Test func `text says why it was refused and through whom it came`() {
        let line = text { ($0.refusal, $0.via) = (.maxConcurrency, "chaos") }
        #expect(line.hasSuffix(" faults=- refused=max-concurrency via=chaos end=keep\n"))
    }

    @Test func `text says how long it waited, and what became of it`() {
        let line = text { ($0.queued, $0.isMangled, $0.hasGivenUp) = (3_250_000, true, true) }
        #expect(
            line.hasSuffix(
                " delay_ms=0.0 queued_ms=3.2 duration_ms=1.2 faults=- mangled=true gave_up=true "
                    + "end=keep\n"))
        for word in ["queued_ms", "mangled", "gave_up"] { #expect(!text().contains(word)) }
    }

    @Test(
        arguments: [
            (.keep, "keep"), (.fin, "fin"), (.rst, "rst"), (.clientFin, "client-fin"),
            (.clientRST, "client-rst"), (.timeout, "timeout"), (.backendFin, "backend-fin"),
            (.upgraded, "upgraded"),
        ] as [(ExchangeRecord.Ending, String)])
    func `every ending has its word`(ending: ExchangeRecord.Ending, word: String) {
        #expect(text { $0.ending = ending }.hasSuffix(" end=\(word)\n"))
    }

    @Test func `clients one after the other keep their addresses`() {
        var log = LogLine(.text)
        let addresses = [("127.0.0.1", 1), ("::1", 2), ("127.0.0.1", 65_535), ("127.0.0.2", 0)]
        let shown = ["127.0.0.1:1", "[::1]:2", "127.0.0.1:65535", "127.0.0.2:0"]
        for ((host, port), shown) in zip(addresses, shown) {
            var line: [UInt8] = []
            let record = record { $0.client = SocketAddress(host: host, port: UInt16(port)) }
            log.append(record, to: &line)
            #expect(String(decoding: line, as: UTF8.self).contains(" client=\(shown) "))
        }
    }

    @Test(
        arguments: [
            ("a b", "\"a b\""), ("/a?b=c", "\"/a?b=c\""), ("a\"b\\", #""a\"b\\""#),
            ("SET a\r\nb", #""SET a\r\nb""#),
            ("a\u{1b}[2Jb\u{7f}\u{0}", #""a\u001b[2Jb\u007f\u0000""#),
            ("/é🇧🇷", "/é🇧🇷"), ("a\u{9b}2Jb\u{85}", #""a\u009b2Jb\u0085""#), ("-", "\"-\""),
            ("/a-b,c:d;e'f", "/a-b,c:d;e'f"),
        ])
    func `values are quoted where they would be mistaken`(target: String, shown: String) {
        #expect(text { $0.target = target }.contains(" target=\(shown) attempt="))
    }

    @Test(arguments: ["\n", "\r\n", "\r", "\u{1b}", "\u{7f}", "\u{85}", "\u{9b}"])
    func `no name breaks a line or speaks to the terminal`(control: String) {
        let name = "a\(control)b"
        let toxic = Toxic(.noop(Noop()), stream: .downstream, name: name)
        var record = ExchangeRecord(proxy: name)
        (record.method, record.target, record.via) = (name, "/\(name)", name)
        record.faults = [FaultPlan.DrawnFault(toxic: toxic, draw: nil, effect: .stage(seed: 1))]
        let (text, people) = (line(.text, record), line(forPeople, record))
        for line in [text, people] {
            #expect(line.hasSuffix("\n"))
            let isHarmless = line.dropLast().unicodeScalars.allSatisfy {
                $0.properties.generalCategory != .control
            }
            #expect(isHarmless, "\(line.debugDescription)")
        }
        for key in ["proxy", "faults", "via"] { #expect(text.contains(" \(key)=\"a\\")) }
        #expect(people.contains(" A B ") && people.hasSuffix(", via a b\n"))
    }

    // MARK: Quantities

    @Test(
        arguments: [
            (0, "0.0"), (99_999, "0.0"), (100_000, "0.1"), (1_999_999, "1.9"), (2_000_000, "2.0"),
            (500_049_999, "500.0"), (60_000_000_000, "60000.0"), (.max, "18446744073709.5"),
        ] as [(Nanoseconds, String)])
    func `milliseconds are never rounded up`(time: Nanoseconds, text: String) {
        #expect(LogLine.milliseconds(time) == text)
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000000Z"), (-1, "1969-12-31T23:59:59.999999Z"),
            (1_709_210_096_999_999_999, "2024-02-29T12:34:56.999999Z"),
            (1_795_269_721_000_001_000, "2026-11-21T14:02:01.000001Z"),
            (4_102_444_799_000_000_999, "2099-12-31T23:59:59.000000Z"),
        ] as [(Int64, String)])
    func `the clock is UTC with microseconds`(time: Int64, shown: String) {
        #expect(text { $0.time = time }.hasPrefix("t=\(shown) "))
    }

    @Test func `one log follows the clock forwards and backwards`() {
        var log = LogLine(.text)
        for second in [0, 1, 1, 0, 59, 60, 59] as [Int64] {
            var line: [UInt8] = []
            log.append(record { $0.time = second * 1_000_000_000 + 5_000_000 }, to: &line)
            let shown = second == 60 ? "01:00" : "00:\(second < 10 ? "0" : "")\(second)"
            let text = String(decoding: line, as: UTF8.self)
            #expect(text.hasPrefix("t=1970-01-01T00:\(shown).005000Z "))
        }
    }
}
