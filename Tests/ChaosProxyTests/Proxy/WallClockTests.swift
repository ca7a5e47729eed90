import Faults
import Testing

@testable import ChaosProxy

struct WallClockTests {
    @Test func `what is measured a little otherwise is the same, a clock that was set is not`() {
        let environment = ProxyEnvironment(date: 0) { Instant(nanoseconds: 0) }
        let measured: [Int64] = [5_000_000, 5_099_999, 4_900_001, 5_100_000, 5_000_001, -1, .min]
        let kept = measured.map { offset in
            environment.measured(wallOffset: offset)
            return environment.wallOffset
        }
        #expect(
            kept == [5_000_000, 5_000_000, 5_000_000, 5_100_000, 5_100_000, -1, .min])
    }
}
