import Faults
import Testing

@testable import ChaosProxy

struct FlightTimeTests {
    private func at(_ nanoseconds: UInt64) -> Instant { Instant(nanoseconds: nanoseconds) }

    @Test func `what is under way counts up to now, and what is over up to its end`() {
        var time = FlightTime()
        #expect(time.total(inFlight: 0, at: at(50)) == 0)
        time.began(at: at(100))
        time.began(at: at(110))
        #expect(time.total(inFlight: 2, at: at(110)) == 10)
        time.ended(at: at(130))
        #expect(time.total(inFlight: 1, at: at(140)) == 30 + 30)
        time.ended(at: at(150))
        #expect(time.total(inFlight: 0, at: at(1000)) == 30 + 40)
    }

    @Test func `a reset and a sum keep it`() {
        var counters = ProxyCounters()
        (counters.inFlight, counters.requests) = (1, 3)
        counters.flightTime.began(at: at(10))
        counters.flightTime.began(at: at(20))
        counters.flightTime.ended(at: at(50))
        var earlier = counters.restart()
        #expect(counters.flightTime.total(inFlight: counters.inFlight, at: at(60)) == 40 + 40)
        #expect(earlier.flightTime.total(inFlight: earlier.inFlight, at: at(60)) == 0)
        earlier.add(counters)
        #expect(earlier.flightTime.total(inFlight: earlier.inFlight, at: at(60)) == 80)
    }
}
