import Testing

@testable import Sweeping

@Suite struct SweepJSONTests {
    @Test func `a report has a line for each row and every field by name`() {
        let row = SweepRow(
            concurrency: 2, seconds: 5, rate: Interval(mean: 4.25, halfWidth: .infinity),
            completed: 20, failures: [("503", 2), ("418", 1), ("503", 1)], p50: 0.5, p95: nil,
            meanTime: 0.25, server: .init(peak: 2, mean: 1.5), outliers: 1)
        let report = SampleSweeps.report(
            name: "a \"b\"\n", [SampleSweeps.row(1, rate: 2, half: 0.5), row], singleTime: 0.5,
            model: .bounds(time: 0.5, roof: .infinity), recommended: 2)
        #expect(
            SweepJSON.text(report) == #"""
                {
                  "name": "a \"b\"\n",
                  "unit": "flags",
                  "rows": [
                    {"concurrency":1,"seconds":10,"rate":2,"rate_half_width":0.5,\#
                "speed_up":1,"completed":20,"failures":{},"failure_rate":0,"p50":0.5,\#
                "p95":0.75,"mean_time":0.5,"server":null,"client_limited":false,"outliers":0},
                    {"concurrency":2,"seconds":5,"rate":4.25,"rate_half_width":null,\#
                "speed_up":2.125,"completed":20,"failures":{"503":3,"418":1},\#
                "failure_rate":0.2,"p50":0.5,"p95":null,"mean_time":0.25,"server":{"peak":2,\#
                "mean":1.5},"client_limited":false,"outliers":1}
                  ],
                  "single_time": 0.5,
                  "model": {"kind":"bounds","time":0.5,"roof":null},
                  "knee": null,
                  "no_knee": "too few rows",
                  "recommended": 2,
                  "sentence": "Nothing succeeded."
                }
                """# + "\n")
    }

    @Test func `the law's parameters and the knee go by their names`() {
        let text = SweepJSON.text(SampleSweeps.local)
        #expect(
            text.contains(
                #""model": {"kind":"universal_scalability_law","contention":0.02,"#
                    + #""coherency":0.0003,"single":120,"intervals":null},"#))
        #expect(text.contains("\"knee\": 57.15,\n  \"no_knee\": null,\n"))
        #expect(text.contains(#""server":null"#))
    }

    @Test func `intervals of the law are pairs`() throws {
        let points = [1, 2, 4, 8, 16, 32, 64, 128].map { number in
            RatePoint(
                concurrency: number, rate: SampleSweeps.law.rate(at: number) + 3, uncertainty: 5)
        }
        let fit = try #require(ScalabilityFit(points))
        let intervals = try #require(
            ScalabilityIntervals(fit, points: points, repeats: 10, seed: 1))
        let report = SweepReport(
            name: "X", unit: "flags", rows: [], singleTime: nil, model: fit.model,
            knee: .at(1), recommended: nil, sentence: "", intervals: intervals)
        let (low, high) = (intervals.single.lowerBound, intervals.single.upperBound)
        #expect(low < high)
        #expect(SweepJSON.text(report).contains(",\"single\":[\(low),\(high)]}},\n"))
        let words = "/s for one (\(Figure.small(low))–\(Figure.small(high))), contention "
        #expect(report.modelText?.contains(words) == true)
    }

    @Test func `several reports are an array`() {
        let one = SweepJSON.text(SampleSweeps.delay).dropLast()
        #expect(
            SweepJSON.text([SampleSweeps.delay, SampleSweeps.delay]) == "[\(one),\n\(one)]\n")
        #expect(SweepJSON.text([]) == "[]\n")
        #expect(SweepJSON.text(SampleSweeps.report([])).contains("\"rows\": [],\n"))
    }

    @Test func `text is escaped, also for a page`() {
        let text = JSONText.string("\"\\\n\r\t\u{0}\u{1f}</>&é旗\u{2028}").text
        #expect(
            text
                == #""\"\\\n\r\t\u0000\u001f\u003c/\u003e\u0026é旗\u2028""#)
    }

    @Test func `numbers are finite or null`() {
        let smallest = Double.leastNonzeroMagnitude
        let numbers = [1, 0.1, -2.5, 1e300, smallest, .infinity, -.infinity, .nan]
        #expect(
            numbers.map { JSONText.number($0).text } == [
                "1", "0.1", "-2.5", "1e+300", "5e-324", "null", "null", "null",
            ])
        for report in SampleSweeps.strange {
            let text = SweepJSON.text(report)
            #expect(!text.contains(":nan") && !text.contains("inf,") && !text.contains(": nan"))
        }
    }
}
