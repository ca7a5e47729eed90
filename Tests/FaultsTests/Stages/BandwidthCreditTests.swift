import HTTPWire
import Testing

@testable import Faults

/// Turns of one after the other, here at three bytes a second: a second has no third of it in
/// nanoseconds.
struct BandwidthCreditTests {
    private static let rate: UInt64 = 3000
    private let second: UInt64 = 1_000_000_000
    private let credit = BandwidthCredit()

    private func at(_ nanoseconds: UInt64) -> Instant { Instant(nanoseconds: nanoseconds) }

    private func turn(_ start: UInt64, _ position: UInt64) -> BandwidthCredit.Turn {
        BandwidthCredit.Turn(start: at(start), position: position)
    }

    private func reserve(
        _ bytes: Int, rate: UInt64 = BandwidthCreditTests.rate, at now: UInt64
    ) -> BandwidthCredit.Turn {
        credit.reserve(bytes, rate: rate, at: at(now))
    }

    // MARK: Turns

    @Test func `turns follow each other, whenever they are asked for`() {
        #expect(reserve(10, at: 7) == turn(7, 0))
        #expect(reserve(4, at: 7) == turn(7, 10))
        #expect(reserve(1, at: 8) == turn(7, 14))
    }

    @Test func `who comes when the last byte leaves goes on without a gap`() {
        _ = reserve(10, at: 7)
        // 10 bytes take 3.333 333 333 3… s.
        #expect(reserve(5, at: 7 + 3_333_333_334) == turn(7, 10))
        #expect(reserve(1, at: 7 + 5 * second) == turn(7, 15))
    }

    @Test func `a nanosecond later another busy period begins, and nothing is saved up`() {
        _ = reserve(10, at: 7)
        #expect(reserve(1, at: 7 + 3_333_333_335) == turn(7 + 3_333_333_335, 0))
        #expect(reserve(1, at: 100 * second) == turn(100 * second, 0))
    }

    @Test func `no rounding adds up: a hundred thousand turns end where one does`() {
        for count in 0..<100_000 as Range<UInt64> {
            guard reserve(1, at: 0) == turn(0, count) else {
                Issue.record("turn \(count)")
                return
            }
        }
        #expect(BandwidthCredit.time(of: 100_000, rate: Self.rate) == 33_333_333_333_334)
    }

    @Test func `one at another rate begins where those before it end`() {
        _ = reserve(10, at: 7)
        #expect(reserve(2, rate: 1000, at: 8) == turn(7 + 3_333_333_334, 0))
        #expect(reserve(1, rate: 1000, at: 9) == turn(7 + 3_333_333_334, 2))
        #expect(reserve(1, rate: 2000, at: 9) == turn(7 + 3_333_333_334 + 3 * second, 0))
    }

    @Test func `at 0 nobody has a turn, and none is used up`() {
        _ = reserve(10, at: 7)
        #expect(reserve(5, rate: 0, at: 8) == turn(8, 0))
        #expect(reserve(5, at: 9) == turn(7, 10))
    }

    // MARK: Another rate

    @Test func `a change gives every turn out anew, once for all that are told`() {
        _ = reserve(10, at: 7)
        credit.change(rate: 1000, at: at(20))
        #expect(reserve(10, rate: 1000, at: 20) == turn(20, 0))
        // The second stage is told a little later.
        credit.change(rate: 1000, at: at(21))
        #expect(reserve(1, rate: 1000, at: 21) == turn(20, 10))
    }

    @Test func `a stall forgets what was owed`() {
        _ = reserve(10, at: 7)
        credit.change(rate: 0, at: at(20))
        credit.change(rate: Self.rate, at: at(30))
        #expect(reserve(1, at: 30) == turn(30, 0))
        credit.change(rate: 0, at: at(40))
        #expect(reserve(1, at: 50) == turn(50, 0), "whoever has not been told asks at a rate")
    }

    @Test func `a restart does so at the same rate too, but once at a time`() {
        _ = reserve(10, at: 7)
        credit.restart(rate: Self.rate, at: at(20))
        #expect(reserve(5, at: 20) == turn(20, 0))
        credit.restart(rate: Self.rate, at: at(20))
        #expect(reserve(1, at: 20) == turn(20, 5))
        credit.restart(rate: Self.rate, at: at(21))
        #expect(reserve(1, at: 21) == turn(21, 0))
        credit.restart(rate: 1000, at: at(21))
        #expect(reserve(1, rate: 1000, at: 21) == turn(21, 0))
    }

    // MARK: Time

    @Test(
        arguments: [
            (1, 3000, 333_333_334), (2, 3000, 666_666_667), (3, 3000, 1_000_000_000),
            (1, 1, 1_000_000_000_000), (1, 999, 1_001_001_002), (7, 1_000_000_000_000, 7),
            (1, 1_000_000_000_001, 1), (0, 3000, 0),
        ] as [(UInt64, UInt64, UInt64)])
    func `no byte leaves early, and none a nanosecond late`(
        count: UInt64, rate: UInt64, expected: UInt64
    ) {
        #expect(BandwidthCredit.time(of: count, rate: rate) == expected)
    }

    @Test func `the greatest rates and counts do not overflow`() {
        #expect(BandwidthCredit.time(of: .max, rate: 1) == .max)
        #expect(BandwidthCredit.time(of: .max, rate: .max) == 1000 * second)
        #expect(BandwidthCredit.time(of: 0, rate: 1) == 0)
        #expect(BandwidthCredit.time(of: 1, rate: .max) == 1)
    }
}
