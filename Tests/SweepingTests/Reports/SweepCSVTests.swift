import Testing

@testable import Sweeping

@Suite struct SweepCSVTests {
    private let header =
        "name,unit,concurrency,seconds,rate,rate_half_width,speed_up,completed,failures,"
        + "failure_rate,p50,p95,mean_time,server_peak,server_mean,client_limited,outliers,"
        + "recommended\r\n"

    @Test func `a line a row, with what failed in one column`() {
        let rows = [
            SampleSweeps.row(1, rate: 2, half: .infinity, p50: nil),
            SampleSweeps.row(
                2, rate: 4, half: 0.5, failures: [("418", 12), ("503", 8)],
                server: .init(peak: 2, mean: 2), outliers: 3),
        ]
        #expect(
            SweepCSV.text(SampleSweeps.report(rows, recommended: 2)) == header
                + "X,flags,1,10,2,,1,20,,0,,,0,,,false,0,false\r\n"
                + "X,flags,2,10,4,0.5,2,40,418=12;503=8,0.5,0.5,0.75,0.5,2,2,false,3,true\r\n")
    }

    @Test func `cells with commas, quotes and line ends are quoted`() {
        let row = SampleSweeps.row(1, rate: 1, half: 1, p50: nil)
        for (name, cell) in [
            ("a,b", "\"a,b\""), ("say \"x\"", "\"say \"\"x\"\"\""), ("a\r\nb", "\"a\r\nb\""),
            ("\"", "\"\"\"\""), ("a b;c", "a b;c"), ("", ""),
        ] {
            let text = SweepCSV.text(SampleSweeps.report(name: name, [row]))
            #expect(
                text == header + "\(cell),flags,1,10,1,1,1,10,,0,,,0,,,false,0,false\r\n")
        }
    }

    @Test func `several reports share a header, and none has it alone`() {
        let text = SweepCSV.text([SampleSweeps.delay, SampleSweeps.local])
        #expect(text.split(separator: "\r\n").count == 1 + 5 + 8)
        #expect(SweepCSV.text([]) == header)
    }

    @Test func `numbers are finite or empty`() {
        for report in SampleSweeps.strange {
            let text = SweepCSV.text(report)
            #expect(!text.contains("nan") && !text.contains("inf"))
        }
    }
}
