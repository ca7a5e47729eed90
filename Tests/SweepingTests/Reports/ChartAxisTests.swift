import Testing

@testable import Sweeping

@Suite struct ChartAxisTests {
    @Test(arguments: [
        (16, 4, ["0", "5", "10", "15", "20"]), (20, 4, ["0", "5", "10", "15", "20"]),
        (104.9, 6, ["0", "20", "40", "60", "80", "100", "120"]),
        (0.3, 3, ["0.0", "0.1", "0.2", "0.3"]),
        (2_300_000, 3, ["0", "1M", "2M", "3M"]), (1e-6, 1, ["0.000000", "0.000001"]),
        (7, 1, ["0", "10"]), (5, 0, ["0", "5"]),
    ])
    func `the upright axis ends at a round number`(top: Double, most: Int, labels: [String]) {
        let axis = ChartAxis.upright(to: top, most: most)
        #expect(axis.ticks.map(axis.label) == labels)
        #expect(axis.high >= top * (1 - 1e-9))
        #expect(axis.position(of: 0) == 0)
        #expect(axis.position(of: axis.high) == 1)
    }

    @Test func `concurrency is logarithmic from sixteen times the smallest on`() {
        let short = ChartAxis.level([1, 2, 15], most: 10)
        #expect(!short.isLogarithmic)
        #expect(short.ticks == [0, 2, 4, 6, 8, 10, 12, 14])
        let long = ChartAxis.level([1, 2, 16], most: 10)
        #expect(long.isLogarithmic)
        #expect(long.ticks == [1, 2, 4, 8, 16])
        #expect(long.position(of: 4) == 0.5)
        #expect(long.value(at: 0.5) == 4)
    }

    @Test func `where powers of two have no room, each second or third is left`() {
        #expect(ChartAxis.level([1, 1024], most: 11).ticks.count == 11)
        #expect(ChartAxis.level([1, 1024], most: 10).ticks == [1, 4, 16, 64, 256, 1024])
        #expect(ChartAxis.level([3, 100], most: 3).ticks == [4, 16, 64])
        #expect(ChartAxis.level([3, 100], most: 0).ticks == [4, 32])
    }

    @Test func `there is no half of a download`() {
        #expect(ChartAxis.level([1, 2], most: 8).ticks == [0, 1, 2])
        #expect(ChartAxis.level([1], most: 8).ticks == [0, 1])
    }
}
