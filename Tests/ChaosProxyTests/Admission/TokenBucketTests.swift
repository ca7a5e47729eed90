import Faults
import Testing

@testable import ChaosProxy

/// `--rate`, to the nanosecond.
struct TokenBucketTests {
    private static let start = Instant(nanoseconds: 1_000_000_000_000)

    /// How many tokens there are at one instant.
    private func burst(_ bucket: inout TokenBucket, at now: Instant, most: Int) -> Int {
        var count = 0
        while count < most, bucket.take(at: now) == nil { count += 1 }
        return count
    }

    @Test(arguments: [(0.1, 1), (0.5, 1), (1, 1), (1.5, 1), (2, 2), (10, 10), (1000, 1000)])
    func `a burst has as many as come in a second, and one at least`(rate: Double, count: Int) {
        var bucket = TokenBucket(rate: rate)
        #expect(burst(&bucket, at: Self.start, most: 5000) == count)
    }

    @Test(
        arguments: [
            (0.1, 10_000_000_000), (0.5, 2_000_000_000), (1, 1_000_000_000), (10, 100_000_000),
            (3, 333_333_334), (7, 142_857_143), (1e4, 100_000), (1e6, 1000),
        ] as [(Double, UInt64)])
    func `the next one comes on its nanosecond, and not one earlier`(
        rate: Double, interval: UInt64
    ) {
        var bucket = TokenBucket(rate: rate)
        let count = Int(max(1, rate))
        #expect(burst(&bucket, at: Self.start, most: count) == count)
        #expect(bucket.take(at: Self.start) == interval)
        #expect(bucket.take(at: Self.start + (interval - 1)) == 1)
        #expect(bucket.take(at: Self.start + interval) == nil)
        #expect(bucket.take(at: Self.start + interval) != nil)
    }

    @Test(arguments: [0.1, 0.3, 0.5, 1, 1.5, 3, 7, 10, 1e6, 1e9])
    func `who waits as long as told has a token, whatever the rate`(rate: Double) {
        var bucket = TokenBucket(rate: rate)
        var now = Self.start
        _ = burst(&bucket, at: now, most: 2000)
        for _ in 0..<20_000 {
            guard let wait = bucket.take(at: now) else { continue }
            #expect(wait > 0)
            now = now + wait
            #expect(bucket.take(at: now) == nil, "at \(rate) a second")
        }
    }

    @Test(arguments: [0.1, 0.7, 3, 10, 33, 1000])
    func `in the long run there are as many as the rate says`(rate: Double) {
        var bucket = TokenBucket(rate: rate)
        let seconds = 1000.0
        var count = 0
        var now = Self.start
        let end = Self.start + UInt64(seconds * 1e9)
        while now <= end {
            if let wait = bucket.take(at: now) { now = now + wait } else { count += 1 }
        }
        // What comes when it is full already is lost: parts of a nanosecond.
        let most = Int(max(1, rate)) + Int((rate * seconds).rounded())
        #expect((most - 1)...most ~= count)
    }

    @Test func `a second of rest fills it, and ten do not fill it more`() {
        for rest in [1, 10] as [UInt64] {
            var bucket = TokenBucket(rate: 10)
            #expect(burst(&bucket, at: Self.start, most: 100) == 10)
            let later = Self.start + rest * 1_000_000_000
            #expect(burst(&bucket, at: later, most: 100) == 10)
        }
    }

    @Test func `what was not used comes back bit by bit`() {
        var bucket = TokenBucket(rate: 10)
        #expect(burst(&bucket, at: Self.start, most: 6) == 6)
        #expect(burst(&bucket, at: Self.start + 300_000_000, most: 100) == 7)
        #expect(bucket.take(at: Self.start + 399_999_999) == 1)
    }

    @Test func `a refusal costs nothing`() {
        var bucket = TokenBucket(rate: 1)
        #expect(bucket.take(at: Self.start) == nil)
        for step in 1..<1000 as Range<UInt64> {
            #expect(bucket.take(at: Self.start + step * 1_000_000) != nil)
        }
        #expect(bucket.take(at: Self.start + 1_000_000_000) == nil)
    }

    @Test func `a rate of a token in a century does not overflow`() {
        var bucket = TokenBucket(rate: 1e-300)
        #expect(bucket.take(at: Self.start) == nil)
        #expect(bucket.take(at: Self.start) == 1_000_000_000_000_000_000)
    }
}
