import EventLoop
import Records

@testable import ChaosProxy

/// What no traffic has to come for.
extension Proxy {
    func note(peak: Int, connections: Int) {
        (counters.peak, counters.peakConnections) = (peak, connections)
    }

    /// Requests that begin, from one address, and never end.
    func begin(_ count: Int, from address: SocketAddress) {
        for _ in 0..<count {
            meter(of: address)?.began()
            counters.inFlight += 1
            counters.flightTime.began(at: environment.now())
        }
        counters.peak = max(counters.peak, counters.inFlight)
    }

    func end(_ count: Int, from address: SocketAddress) {
        for _ in 0..<count {
            meter(of: address)?.ended()
            counters.inFlight -= 1
            counters.flightTime.ended(at: environment.now())
        }
    }

    func record(_ record: ExchangeRecord) { counters.recorded.add(record) }

    func note(malformed: UInt64, refused: UInt64) {
        (counters.malformed, counters.refused) = (malformed, refused)
    }
}
