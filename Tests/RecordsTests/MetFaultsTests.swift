import Faults
import TestSupport
import Testing

@testable import Records

struct MetFaultsTests {
    @Test func `an exchange counts once for each name and type, however often it met them`() {
        var met = MetFaults()
        met.add([SampleRecords.latency(1, name: "a"), SampleRecords.latency(2, name: "latency")])
        met.add([SampleRecords.latency(1, name: "a"), SampleRecords.latency(2, name: "b")])
        met.add([SampleRecords.respond(503, draw: 0)])
        let counts = ["*", "latency", "a", "b", "respond", "respond_upstream", "none"]
        #expect(counts.map { met.count(of: $0) } == [3, 2, 2, 1, 1, 1, 0])
        var sum = met
        sum.add(met)
        #expect(counts.map { sum.count(of: $0) } == [6, 4, 4, 2, 2, 2, 0])
    }

    @Test func `what it cannot tell apart it does not claim to know`() {
        var met = MetFaults()
        met.add([SampleRecords.latency(1, name: "é")])
        #expect(met.count(of: "é") == nil && met.count(of: "e\u{301}") == nil)
        for number in 0...MetFaults.maximumWords {
            met.add([SampleRecords.latency(1, name: "\(number)")])
        }
        #expect(met.count(of: "0") == 1 && met.count(of: "none") == nil)
        #expect(met.count(of: "latency") == UInt64(MetFaults.maximumWords + 2))
    }
}
