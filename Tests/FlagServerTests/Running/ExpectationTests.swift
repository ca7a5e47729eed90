import ChaosProxy
import HTTPWire
import Records
import Testing

@testable import flagserver

/// Not the one of `Testing`.
private typealias Expectation = flagserver.Expectation

struct ExpectationTests {
    private func read(_ text: String) throws -> Expectation {
        try Expectation(text)
    }

    private func figures(_ name: String, _ change: (inout ProxyCounters) -> Void = { _ in })
        -> Expectation.Figures
    {
        var counters = ProxyCounters()
        change(&counters)
        return Expectation.Figures(name: name, counters: counters)
    }

    /// Counters of which each measure has another value, in the order of the measures.
    private func different(_ counters: inout ProxyCounters) {
        (counters.requests, counters.injected, counters.refused) = (10, 2, 3)
        for (status, count) in [(404, 4), (200, 1)] as [(RecordStatus, Int)] {
            for _ in 0..<count { counters.recorded.add(record(status)) }
        }
        for _ in 0..<5 { counters.recorded.add(record(500)) }
        var left = record(200)
        left.hasGivenUp = true
        for _ in 0..<8 { counters.recorded.add(left) }
        (counters.peak, counters.peakConnections) = (6, 7)
        (counters.inFlight, counters.connections, counters.malformed) = (20, 21, 22)
    }

    private func record(_ status: RecordStatus) -> ExchangeRecord {
        var record = ExchangeRecord(proxy: "local")
        (record.method, record.target, record.status) = ("GET", "/", status)
        return record
    }

    // MARK: Reading

    @Test(arguments: [
        ("requests<=5", nil, "requests<=5"), ("errors >= 0", nil, "errors>=0"),
        ("refused\t==\t0", nil, "refused==0"), (" refused=0 ", nil, "refused=0"),
        ("error.peak_concurrency<=5", "error", "error.peak_concurrency<=5"),
        ("db.main.requests != 1", "db.main", "db.main.requests!=1"),
        ("a<b.requests<2", "a<b", "a<b.requests<2"),
        ("requests<=18446744073709551615", nil, "requests<=18446744073709551615"),
        ("requests>007", nil, "requests>7"),
    ])
    func `an expectation is a measure, perhaps of a proxy, compared with a number`(
        text: String, proxy: String?, same: String
    ) throws {
        let found = try read(text)
        #expect(found.proxy == proxy && found.text == same)
    }

    @Test func `every measure of every proxy can be compared in every way`() throws {
        for measure in Expectation.Measure.allCases {
            for comparison in Expectation.Comparison.allCases {
                for subject in [measure.rawValue, "delay.\(measure.rawValue)"] {
                    let text = "\(subject)\(comparison.rawValue)7"
                    #expect(try read(text).text == text)
                }
            }
        }
    }

    @Test(arguments: [
        ("", "nothing is compared. Write one like 'error.peak_concurrency<=5'."),
        ("requests", "nothing is compared. Write one like 'error.peak_concurrency<=5'."),
        ("requests=<5", "'=<' is no comparison. Write <=, >=, ==, !=, < or >."),
        ("requests===5", "'===' is no comparison. Write <=, >=, ==, !=, < or >."),
        ("requests<>5", "'<>' is no comparison. Write <=, >=, ==, !=, < or >."),
        ("requests!5", "'!' is no comparison. Write <=, >=, ==, !=, < or >."),
        ("requests<=", "'' is not a whole number from 0 on."),
        ("requests<=five", "'five' is not a whole number from 0 on."),
        ("requests<=0.5", "'0.5' is not a whole number from 0 on."),
        ("requests<=-1", "'-1' is not a whole number from 0 on."),
        ("requests<=+1", "'+1' is not a whole number from 0 on."),
        ("requests<=25%", "'25%' is not a whole number from 0 on."),
        (
            "requests<=18446744073709551616",
            "'18446744073709551616' is not a whole number from 0 on."
        ),
        ("<=5", "there is no measure '' ("),
        ("peak_concurency<=5", "Did you mean 'peak_concurrency'?"),
        ("Requests==0", "Did you mean 'requests'?"),
        ("error.refusd==0", "Did you mean 'refused'?"),
        ("peak concurrency<=5", "Did you mean 'peak_concurrency'?"),
        (".requests>0", "no proxy is named before the dot."),
    ])
    func `what cannot be read is refused with its reason`(text: String, reason: String) {
        let error = refusal { try read(text) }
        #expect(error?.status == .usage)
        #expect(error?.description.hasPrefix("--expect '\(text)': ") == true)
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }

    // MARK: Judging

    @Test(arguments: [
        ("<=", [true, true, false]), (">=", [false, true, true]), ("==", [false, true, false]),
        ("=", [false, true, false]), ("!=", [true, false, true]), ("<", [true, false, false]),
        (">", [false, false, true]),
    ])
    func `comparisons hold below, at and above the number as they say`(
        symbol: String, holds: [Bool]
    ) throws {
        let expectation = try read("requests\(symbol)5")
        let failures = [4, 5, 6].map { count in
            expectation.failure([figures("local") { $0.requests = count }])
        }
        #expect(failures.map { $0 == nil } == holds)
    }

    @Test func `each measure is the counter of its name`() throws {
        let values = Expectation.Measure.allCases.map { measure in
            measure.value(figures("local", different).counters)
        }
        #expect(values == [10, 2, 3, 4, 5, 8, 6, 7])
    }

    @Test func `counts are sums over the flag servers, peaks their maximum`() throws {
        let all = [
            figures("local", different), figures("chaos", different),
            figures("db.main") { ($0.requests, $0.peak) = (1000, 1000) }, figures("delay"),
            figures("fault") { ($0.requests, $0.peak) = (1000, 1000) },
        ]
        #expect(try read("fault.requests==1000").failure(all) == nil)
        let measured = [
            "requests": 20, "errors": 4, "refused": 6, "not_found": 8,
            "unplanned_errors": 10, "gave_up": 16, "peak_concurrency": 6, "peak_connections": 7,
        ]
        for (measure, value) in measured {
            #expect(try read("\(measure)==\(value)").failure(all) == nil)
            #expect(try read("\(measure)!=\(value)").failure(all) != nil)
        }
    }

    @Test func `of one proxy only its own figures count, whether it serves flags or not`() throws {
        let all = [figures("local", different), figures("db.main") { $0.requests = 3 }]
        #expect(try read("db.main.requests==3").failure(all) == nil)
        #expect(try read("local.requests==10").failure(all) == nil)
        #expect(
            try read("local.requests==3").failure(all)
                == "expected local.requests==3, measured 10")
    }

    @Test func `what does not hold is told with where it was measured`() throws {
        let all = [
            figures("local"), figures("delay") { ($0.refused, $0.peak) = (2, 30) },
            figures("error") { ($0.refused, $0.peak) = (12, 4) },
        ]
        #expect(
            try read("refused == 0").failure(all)
                == "expected refused==0, measured 14 (delay 2, error 12)")
        #expect(
            try read("peak_concurrency<=5").failure(all)
                == "expected peak_concurrency<=5, measured 30 (delay 30, error 4)")
        #expect(try read("requests>0").failure(all) == "expected requests>0, measured 0")
    }

    @Test func `a proxy that never was meets no expectation`() throws {
        #expect(
            try read("db.main.requests>=0").failure([figures("local")])
                == "expected db.main.requests>=0, but there never was a proxy 'db.main'.")
        #expect(
            try read("eror.requests>=0").failure([figures("error")])
                == "expected eror.requests>=0, but there never was a proxy 'eror'. "
                + "Did you mean 'error'?")
    }

    @Test func `resets are told with what does not hold`() {
        #expect(RunSession.note((count: 0, underWay: 0)) == nil)
        #expect(
            RunSession.note((count: 1, underWay: 0))
                == "everything was reset once; the figures are of the whole run.")
        #expect(
            RunSession.note((count: 3, underWay: 2))
                == "everything was reset 3 times; the figures are of the whole run; 2 exchanges "
                + "that were under way count where they ended.")
    }

    // MARK: Worlds

    private func inWorlds() -> [Expectation.Figures] {
        [(nil, "error", 1), ("a/b", "error", 2), ("a/b", "local", 4), ("c.d", "error", 8)].map {
            var found = figures($0.1) { $0.requests = 0 }
            var counters = found.counters
            (counters.requests, counters.peak) = (UInt64($0.2), $0.2)
            found = Expectation.Figures(world: $0.0, name: $0.1, counters: counters)
            return found
        }
    }

    @Test(arguments: [
        "requests==15", "error.requests==11", "a/b/error.requests==2", "a/b/requests==6",
        "c.d/requests==8", "peak_concurrency==8", "a/b/peak_concurrency==4",
        "c.d/error.peak_concurrency==8",
    ])
    func `an expectation covers all worlds, or one`(text: String) throws {
        #expect(try read(text).failure(inWorlds()) == nil)
        #expect(try read(text).text == text)
    }

    @Test(arguments: [
        ("requests==0", "measured 15 (error 1, a/b/error 2, a/b/local 4, c.d/error 8)"),
        ("c.e/requests==0", "there never was a world 'c.e'. Did you mean 'c.d'?"),
        ("a/b/eror.requests==0", "there never was a proxy 'a/b/eror'. Did you mean 'a/b/error'?"),
    ])
    func `what is not so is told with the worlds`(text: String, reason: String) throws {
        let found = try read(text).failure(inWorlds()) ?? ""
        #expect(found.hasSuffix(reason), "\(found)")
    }
}
