import Testing

@testable import Faults

struct InstantTests {
    private func at(_ nanoseconds: UInt64) -> Instant { Instant(nanoseconds: nanoseconds) }

    @Test func `instants are in the order of time`() {
        #expect(at(1) < at(2))
        #expect(at(2) > at(1))
        #expect(!(at(2) < at(2)))
        #expect(at(2) == at(2))
        #expect([at(3), at(1), at(2)].sorted() == [at(1), at(2), at(3)])
    }

    @Test func `a length is added to the nanosecond`() {
        #expect(at(5) + 0 == at(5))
        #expect(at(5) + 1 == at(6))
        #expect(at(1 << 60) + 1 == at((1 << 60) + 1))
    }

    @Test func `a sum beyond the end of time is the end of time`() {
        #expect(at(.max) + 1 == at(.max))
        #expect(at(1) + .max == at(.max))
        #expect(at(.max - 1) + 1 == at(.max))
        #expect(at(0) + .max == at(.max))
    }

    @Test func `an instant is rounded up to a multiple`() {
        #expect(at(0).roundedUp(to: 10) == at(0))
        #expect(at(1).roundedUp(to: 10) == at(10))
        #expect(at(10).roundedUp(to: 10) == at(10))
        #expect(at(.max).roundedUp(to: 10) == at(.max))
    }

    @Test func `a difference is never negative`() {
        #expect(at(7) - at(5) == 2)
        #expect(at(5) - at(5) == 0)
        #expect(at(5) - at(7) == 0)
        #expect(at(.max) - at(0) == .max)
    }
}
