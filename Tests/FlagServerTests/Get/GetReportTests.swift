import Downloading
import Testing

@testable import flagserver

struct GetReportTests {
    private static func result(
        _ name: String, _ outcome: DownloadResult.Outcome = .ok, bytes: Int = 10
    ) -> DownloadResult {
        DownloadResult(
            name: name, url: "http://h/\(name)", outcome: outcome, bytes: bytes)
    }

    private static let teapot = DownloadFailure(
        .status, status: 418, "HTTP error 418 - I'm a teapot")

    @Test func `Many codes are told by the first and the last`() throws {
        #expect(
            GetReport.initial(try GetPlan(words: ["-s", "ERROR", "-e", "-l100", "-m", "100"]))
                == """
                ERROR site: http://localhost:8003/flags
                Searching for 100 flags: from AA to DV
                100 concurrent connections will be used.

                """)
    }

    @Test func `Up to ten codes are listed`() throws {
        #expect(
            GetReport.initial(try GetPlan(words: ["b", "-l", "10"])) == """
                LOCAL site: http://localhost:8001/flags
                Searching for 10 flags: BA, BB, BC, BD, BE, BF, BG, BH, BI, BJ
                5 concurrent connections will be used.

                """)
        let eleven = GetReport.initial(try GetPlan(words: ["b", "-l", "11"]))
        #expect(eleven.contains("Searching for 11 flags: from BA to BK\n"))
    }

    @Test func `One flag needs one connection`() throws {
        #expect(
            GetReport.initial(try GetPlan(words: ["br", "--base-url", "http://h/f"])) == """
                CUSTOM site: http://h/f
                Searching for 1 flag: BR
                1 connection will be used.

                """)
    }

    @Test func `A number that is to be found is told by its bound`() throws {
        let text = GetReport.initial(try GetPlan(words: ["-m", "auto", "-e"]))
        #expect(text.hasSuffix("\nUp to 676 concurrent connections will be used.\n"))
    }

    @Test func `Each flag has its line`() {
        #expect(GetReport.line(Self.result("BR")) == "BR OK\n")
        #expect(GetReport.line(Self.result("XX", .notFound)) == "XX not found: http://h/XX\n")
        #expect(
            GetReport.line(Self.result("YY", .failed(Self.teapot)))
                == "YY error: HTTP error 418 - I'm a teapot\n")
        let hostile = DownloadFailure(.status, status: 500, "HTTP error 500 - \u{1b}[2J\nBR OK")
        #expect(
            GetReport.line(Self.result("YY", .failed(hostile)))
                == "YY error: HTTP error 500 -  [2J BR OK\n")
    }

    @Test func `Counts stand in three columns, and what there is none of is left out`() {
        let totals = DownloadTotals(
            (0..<73).map { Self.result("\($0)") }
                + (0..<27).map { Self.result("\($0)", .failed(Self.teapot)) })
        #expect(
            GetReport.final(totals, requested: 100, elapsed: 1_024_999_999) == """
                --------------------
                 73 flags downloaded.
                 27 errors.
                Elapsed time: 1.02s

                """)
        #expect(
            GetReport.final(DownloadTotals([]), requested: 0, elapsed: 0) == """
                --------------------
                  0 flags downloaded.
                Elapsed time: 0.00s

                """)
    }

    @Test func `One is told in the singular, and what Ctrl-C has left is told`() {
        let totals = DownloadTotals([
            Self.result("BR"), Self.result("XX", .notFound),
            Self.result("YY", .failed(Self.teapot)),
        ])
        #expect(
            GetReport.final(totals, requested: 1_003, elapsed: 59_995_000_000) == """
                --------------------
                  1 flag downloaded.
                  1 not found.
                  1 error.
                1000 not tried.
                Elapsed time: 60.00s

                """)
        let longest = GetReport.final(totals, requested: 3, elapsed: .max)
        #expect(longest.hasSuffix("\nElapsed time: 18446744073.71s\n"))
    }

    @Test func `After an error a success is a success`() {
        let totals = DownloadTotals([
            Self.result("AA", .failed(Self.teapot)), Self.result("BR"), Self.result("CN"),
        ])
        #expect(totals.ok == 2 && totals.errors == 1 && totals.count == 3)
    }

    @Test func `Sums that are too large stay the largest`() {
        let totals = DownloadTotals([
            Self.result("A", bytes: .max), Self.result("B", bytes: 1), Self.result("C", bytes: -9),
        ])
        #expect(totals.bytes == .max && totals.attempts == 3)
    }
}
