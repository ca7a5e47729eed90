import HTTPWire
import Records
import TestSupport
import Testing

@testable import flagserver

/// Not the one of `Testing`.
private typealias Expectation = flagserver.Expectation

struct ExpectationEvidenceTests {
    private func evidence(_ text: String, _ records: [ExchangeRecord]) throws -> [String] {
        let evidence = ExpectationEvidence(try Expectation(text))
        for record in records { evidence.note(record) }
        return evidence.text(width: 80).split(separator: "\n").map(String.init)
    }

    private func record(
        _ proxy: String, _ code: String, _ change: (inout ExchangeRecord) -> Void = { _ in }
    ) -> ExchangeRecord {
        var record = SampleRecords.served(1, proxy: proxy, target: "/flags/\(code)/\(code).gif")
        change(&record)
        return record
    }

    private func injected(_ proxy: String, _ code: String) -> ExchangeRecord {
        record(proxy, code) {
            $0.faults = [SampleRecords.respond(503, draw: nil)]
            $0.status = 503
        }
    }

    /// The codes of the flags that are listed.
    private func codes(_ lines: [String]) -> [Substring] {
        lines.dropFirst().compactMap { line in
            let parts = line.split(separator: "/")
            return parts.count > 2 ? parts[2] : nil
        }
    }

    @Test func `those that are one too many are listed, by the first of them`() throws {
        let records = [
            injected("error", "br"), record("local", "cn"), injected("chaos", "us"),
            injected("error", "fr"),
        ]
        let found = try evidence("errors<=1", records)
        #expect(found[0] == "the 2 exchanges that broke it:" && codes(found) == ["us", "fr"])
        #expect(
            found[1] == "00:00:01.000 CHAOS  503    0.0 ms  GET /flags/us/us.gif  injected")
        #expect(codes(try evidence("chaos.errors==0", records)) == ["us"])
        #expect(try evidence("errors==2", records)[0] == "the exchange that broke it:")
        #expect(codes(try evidence("errors<3", records)) == ["fr"])
        #expect(codes(try evidence("errors!=3", records)) == ["br", "us", "fr"])
    }

    @Test func `where something is missing no exchange has broken it`() throws {
        let records = [injected("error", "br")]
        for text in ["errors>=2", "errors>1", "errors==2", "errors!=0", "peak_connections<=0"] {
            #expect(try evidence(text, records).isEmpty)
        }
    }

    @Test func `each measure has its own`() throws {
        let records = [
            record("local", "aa") { $0.isMalformed = true }, record("local", "bb"),
            injected("local", "cc"), record("local", "dd") { $0.refusal = .rate },
            record("local", "ee") { $0.status = 404 }, record("local", "ff") { $0.ending = .error },
            record("local", "gg") { $0.hasGivenUp = true },
            record("local", "hh") { $0.inFlight = 6 },
            record("local", "ii") { ($0.isCountedElsewhere, $0.status) = (true, 404) },
        ]
        for (text, wanted) in [
            ("requests<=5", ["gg", "hh"]), ("errors==0", ["cc"]), ("refused==0", ["dd"]),
            ("not_found==0", ["ee"]), ("unplanned_errors==0", ["ff"]), ("gave_up==0", ["gg"]),
            ("peak_concurrency<=5", ["hh"]),
        ] {
            #expect(codes(try evidence(text, records)).map(String.init) == wanted, "\(text)")
        }
    }

    @Test func `of a peak those are told that came on top of the others`() throws {
        let records = (1...7).map { number in record("delay", "x\(number)") { $0.inFlight = number }
        }
        let found = try evidence("peak_concurrency<=5", records)
        #expect(found[0] == "the 2 exchanges that began while more than 5 were in flight:")
        #expect(codes(found) == ["x6", "x7"])
    }

    @Test func `20 are listed, all are counted`() throws {
        let found = try evidence("errors<=10", (0..<132).map { injected("error", "\($0)") })
        #expect(found[0] == "the first 20 of the 122 exchanges that broke it:")
        #expect(codes(found) == (10..<30).map { "\($0)" })
    }

    @Test func `proxies are meant only if they are named`() throws {
        let records = [injected("db", "br")]
        #expect(try evidence("errors==0", records).isEmpty)
        #expect(codes(try evidence("db.errors==0", records)) == ["br"])
    }
}
