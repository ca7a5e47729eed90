import EventLoop
import Foundation
import HTTPWire
import Testing

@testable import ChaosProxy
@testable import Faults
@testable import flagserver

struct AccessLogTests {
    /// 2026-11-21T14:02:01.120345678Z
    private let time = timespec(tv_sec: 1_795_269_721, tv_nsec: 120_345_678)
    private let delayed = FaultPlan.DrawnFault(
        toxic: Toxic(
            .latency(latency: 500_000_000, jitter: 0), stream: .downstream,
            toxicity: .random(.always)),
        draw: 0.1134567, effect: .latency(500_049_999))
    private let hurt = FaultPlan.DrawnFault(
        toxic: Toxic(
            .respond(Fault.Respond(statuses: [(503, 1)], retryAfter: nil)), stream: .upstream,
            toxicity: .exact(.never)),
        draw: nil, effect: .respond(503, retryAfter: nil))

    private func record(
        proxy: String = "error", client: String? = "127.0.0.1", method: String = "GET",
        target: String = "/flags/br/br.gif", attempt: UInt32? = 1,
        faults: [FaultPlan.DrawnFault] = [], status: HTTPStatus = 200,
        duration: Nanoseconds = 1_250_000, ending: ExchangeRecord.Ending = .keep
    ) -> ExchangeRecord {
        ExchangeRecord(
            proxy: proxy, connection: 7, exchange: 2,
            client: client.flatMap { SocketAddress(host: $0, port: 50_000) }, method: method,
            target: target, attempt: attempt, faults: faults, status: status, bytes: 11_415,
            duration: duration, inFlight: 3, ending: ending)
    }

    private func line(
        _ style: AccessLog.Style, _ record: ExchangeRecord, hasColor: Bool = false
    ) -> String {
        AccessLog(style: style, hasColor: hasColor, seed: 42).line(record, at: time)
    }

    private func object(_ record: ExchangeRecord) throws -> [String: Any] {
        let line = line(.json, record)
        #expect(line.hasSuffix("}\n") && !line.dropLast().contains("\n"))
        let value = try JSONSerialization.jsonObject(with: Data(line.utf8))
        return try #require(value as? [String: Any])
    }

    // MARK: Text

    @Test func `text is key=value in one line`() {
        #expect(
            line(.text, record()) == "t=2026-11-21T14:02:01.120345Z proxy=error conn=7 exchange=2 "
                + "client=127.0.0.1:50000 method=GET target=/flags/br/br.gif attempt=1 status=200 "
                + "bytes=11415 delay_ms=0.0 duration_ms=1.2 faults=- end=keep\n")
    }

    @Test func `text names the faults and what they did`() {
        #expect(
            line(.text, record(faults: [hurt, delayed], status: 503, ending: .fin)).hasSuffix(
                " status=503 bytes=11415 delay_ms=500.0 duration_ms=1.2 "
                    + "faults=respond_upstream:503,latency_downstream:500.0ms end=fin\n"))
    }

    @Test func `text has a dash for what is not known`() {
        let record = record(client: nil, method: "", target: "", attempt: nil, status: 400)
        #expect(
            line(.text, record).contains(
                " client=- method=- target=- attempt=- status=400 "))
    }

    @Test(
        arguments: [
            (.keep, "keep"), (.fin, "fin"), (.rst, "rst"), (.clientFin, "client-fin"),
            (.clientRST, "client-rst"), (.timeout, "timeout"),
        ] as [(ExchangeRecord.Ending, String)])
    func `every ending has its word`(ending: ExchangeRecord.Ending, word: String) throws {
        #expect(line(.text, record(ending: ending)).hasSuffix(" end=\(word)\n"))
        #expect(try object(record(ending: ending))["end"] as? String == word)
    }

    // MARK: JSON

    @Test func `json says the same and the seed`() throws {
        let object = try object(record())
        #expect(object["t"] as? String == "2026-11-21T14:02:01.120345Z")
        #expect(object["proxy"] as? String == "error")
        #expect(object["conn"] as? Int == 7)
        #expect(object["exchange"] as? Int == 2)
        #expect(object["client"] as? String == "127.0.0.1:50000")
        #expect(object["method"] as? String == "GET")
        #expect(object["target"] as? String == "/flags/br/br.gif")
        #expect(object["attempt"] as? Int == 1)
        #expect(object["seed"] as? Int == 42)
        #expect((object["faults"] as? [Any])?.isEmpty == true)
        #expect(object["status"] as? Int == 200)
        #expect(object["bytes_promised"] as? Int == 11_415)
        #expect(object["delay_ms"] as? Double == 0)
        #expect(object["duration_ms"] as? Double == 1.2)
        #expect(object["in_flight"] as? Int == 3)
        #expect(object["end"] as? String == "keep")
        #expect(object.count == 16)
    }

    @Test func `json has each fault with its draw`() throws {
        let object = try object(record(faults: [hurt, delayed], status: 503))
        let faults = try #require(object["faults"] as? [[String: Any]])
        #expect(faults.count == 2)
        #expect(faults[0]["toxic"] as? String == "respond_upstream")
        #expect(faults[0]["type"] as? String == "respond")
        #expect(faults[0]["draw"] is NSNull)
        #expect(faults[0]["toxicity"] as? Double == 0)
        #expect(faults[0]["status"] as? Int == 503)
        #expect(faults[1]["toxic"] as? String == "latency_downstream")
        #expect(faults[1]["draw"] as? Double == 0.113456)
        #expect(faults[1]["toxicity"] as? Double == 1)
        #expect(faults[1]["delay_ms"] as? Double == 500.0)
        #expect(object["delay_ms"] as? Double == 500.0)
    }

    @Test func `json has null for what is not known`() throws {
        let object = try object(record(client: nil, method: "", target: "", attempt: nil))
        for key in ["client", "method", "target", "attempt"] { #expect(object[key] is NSNull) }
    }

    @Test(arguments: [
        "/a\"b", "/a\\b", "/a\\\"", "/\u{1}\u{1f}\u{7f}", "/a\nb\r\t", "/é🇧🇷\u{2028}", "/\u{fffd}",
        "/\u{0}",
    ])
    func `json brings back every target as it was`(target: String) throws {
        #expect(try object(record(target: target))["target"] as? String == target)
    }

    @Test(arguments: [0, 1e-7, 9.9e-5, 0.25, 0.999999999, 1 - 0x1p-53])
    func `no draw is shown above what was drawn`(draw: Double) throws {
        let fault = FaultPlan.DrawnFault(
            toxic: delayed.toxic, draw: draw, effect: delayed.effect)
        let faults = try #require(object(record(faults: [fault]))["faults"] as? [[String: Any]])
        let shown = try #require(faults[0]["draw"] as? Double)
        #expect(shown <= draw && draw - shown <= 1.000001e-6)
    }

    // MARK: For people

    @Test func `people read a clock, a name and what was asked`() {
        #expect(
            line(.people, record())
                == "14:02:01.120  ERROR  200  GET /flags/br/br.gif  11415 B  1.2 ms\n")
    }

    @Test func `people read what was done to the request`() {
        let record = record(faults: [hurt, delayed], status: 503, ending: .rst)
        #expect(line(.people, record).contains("ERROR  503  GET "))
        #expect(line(.people, record).contains(" ms  injected, delayed 0.5"))
        #expect(line(.people, record).hasSuffix("  ended: rst\n"))
    }

    @Test func `people are told of attempts from the second on`() {
        for attempt in [nil, 1] as [UInt32?] {
            #expect(!line(.people, record(attempt: attempt)).contains("attempt"))
        }
        #expect(line(.people, record(attempt: 2)).hasSuffix(" ms  attempt 2\n"))
    }

    @Test func `people are told of endings that are not usual`() {
        for ending in [.keep, .fin] as [ExchangeRecord.Ending] {
            #expect(!line(.people, record(ending: ending)).contains("ended"))
        }
        for ending in [.rst, .clientFin, .clientRST, .timeout] as [ExchangeRecord.Ending] {
            #expect(
                line(.people, record(ending: ending)).hasSuffix("  ended: \(ending.rawValue)\n"))
        }
    }

    @Test func `people read of a request that was none`() {
        let record = record(method: "", target: "", attempt: nil, status: 400)
        #expect(line(.people, record).contains("400  (no request)  11415 B"))
    }

    @Test(arguments: ["a", "local", "origin", "proxy9000", "a-very-long-name"])
    func `a long name does not run into the status`(name: String) {
        let line = line(.people, record(proxy: name))
        #expect(line.split(separator: " ").dropFirst().first == "\(name.uppercased())")
    }

    @Test(
        arguments: [
            (200, "32"), (206, "32"), (304, "36"), (302, "36"), (404, "33"), (418, "33"),
            (503, "31"),
        ] as [(HTTPStatus, String)])
    func `colour is of the status, for people alone`(status: HTTPStatus, color: String) {
        let record = record(status: status)
        let escape = "\u{1b}["
        let colored = line(.people, record, hasColor: true)
        #expect(colored.contains("\(escape)\(color)m\(status.code)\(escape)0m  GET "))
        #expect(colored.split(separator: escape).count == 3)
        #expect(!line(.people, record).contains("\u{1b}"))
        for style in [.text, .json] as [AccessLog.Style] {
            #expect(line(style, record, hasColor: true) == line(style, record))
        }
    }

    // MARK: Quantities

    @Test(
        arguments: [
            (0, "0.0"), (99_999, "0.0"), (100_000, "0.1"), (1_999_999, "1.9"), (2_000_000, "2.0"),
            (500_049_999, "500.0"), (60_000_000_000, "60000.0"), (.max, "18446744073709.5"),
        ] as [(Nanoseconds, String)])
    func `milliseconds are never rounded up`(time: Nanoseconds, text: String) {
        #expect(AccessLog.milliseconds(time) == text)
    }

    /// The delay in seconds that a line for people shows.
    private func shown(_ delay: Nanoseconds) throws -> Double {
        let fault = FaultPlan.DrawnFault(
            toxic: delayed.toxic, draw: 0, effect: .latency(delay))
        let line = line(.people, record(faults: [fault]))
        let words = line.split(separator: " ")
        let position = try #require(words.firstIndex(of: "delayed"))
        let value = try #require(Double(words[position + 1]))
        return words[position + 2].hasPrefix("ms") ? value / 1000 : value
    }

    @Test(
        arguments: [
            1000, 99_999_999, 500_000_000, 500_000_600, 1_999_999_999, 2_835_859_248, 4_425_915_652,
        ] as [Nanoseconds])
    func `people are never shown more delay than there was`(delay: Nanoseconds) throws {
        #expect(try shown(delay) <= Double(delay) / 1e9)
    }

    @Test(arguments: [
        (0, 0, "1970-01-01T00:00:00.000000Z"),
        (1_709_210_096, 999_999_999, "2024-02-29T12:34:56.999999Z"),
        (1_795_269_721, 1000, "2026-11-21T14:02:01.000001Z"),
        (4_102_444_799, 999, "2099-12-31T23:59:59.000000Z"),
    ])
    func `the clock is UTC with microseconds`(seconds: Int, nanoseconds: Int, text: String) {
        let log = AccessLog(style: .text, hasColor: false, seed: 1)
        let time = timespec(tv_sec: seconds, tv_nsec: nanoseconds)
        for _ in 1...2 { #expect(log.line(record(), at: time).hasPrefix("t=\(text) ")) }
    }

    @Test func `one log follows the clock forwards and backwards`() {
        let log = AccessLog(style: .text, hasColor: false, seed: 1)
        for second in [0, 1, 1, 0, 59, 60, 59] {
            let line = log.line(record(), at: timespec(tv_sec: second, tv_nsec: 5_000_000))
            let shown = second == 60 ? "01:00" : "00:\(second < 10 ? "0" : "")\(second)"
            #expect(line.hasPrefix("t=1970-01-01T00:\(shown).005000Z "))
        }
    }
}
