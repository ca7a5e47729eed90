import Testing

@testable import Sweeping

@Suite struct BenchJSONTests {
    @Test func `a report is one line with its latencies in seconds`() {
        let report = BenchTextTests.report(achieved: 9.984, failures: [("418", 12)])
        #expect(
            BenchJSON.text(report)
                == #"{"name":"DELAY","offered":10,"achieved":9.984,"keeps_up":true,"#
                + #""planned":300,"seconds":30,"latencies":{"p50":0.5,"p90":0.612,"p95":0.7,"#
                + #""p99":1.31,"p99.9":2.2,"max":12.34},"failures":{"418":12},"#
                + #""sentence":"offered 10/s, achieved 9.98/s"}"# + "\n")
    }

    @Test func `latencies are null while a queue grows`() {
        let text = BenchJSON.text(BenchTextTests.report(achieved: 5.5))
        #expect(text.contains(#""keeps_up":false,"#))
        #expect(text.contains(#""latencies":null,"failures":{},"#))
        #expect(text.contains("achieved 5.5/s: the queue grows"))
    }

    @Test func `reports are equal if all they say is`() {
        let report = BenchTextTests.report(achieved: 5, failures: [("418", 1)])
        #expect(report == BenchTextTests.report(achieved: 5, failures: [("418", 1)]))
        #expect(report != BenchTextTests.report(achieved: 5, failures: [("418", 2)]))
    }
}
