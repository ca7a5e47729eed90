import Downloading
import Testing

@testable import flagserver

struct RetryAdviceTests {
    private static let second: UInt64 = 1_000_000_000
    private static let reset = DownloadFailure(.reset, "connection reset")
    private static let advice = RetryAdvice(retries: 5, backoff: second / 2, seed: 7)
    /// Sun, 06 Nov 1994 08:49:37 GMT
    private static let now: Int64 = 784_111_777

    private static func wait(
        _ attempt: Int = 1, _ failure: DownloadFailure = reset, after: String? = nil,
        of name: String = "BR", now: Int64 = now, advice: RetryAdvice = advice
    ) -> UInt64? {
        advice.wait(afterAttempt: attempt, of: name, failure, retryAfter: after, now: now)
    }

    @Test(arguments: [408, 418, 425, 429, 500, 501, 503, 599])
    func `An answer that may be another one next time is asked for again`(status: Int) {
        #expect(Self.wait(1, DownloadFailure(.status, status: status, "")) != nil)
    }

    @Test(arguments: [nil, 304, 400, 401, 403, 404, 410, 416, 499, 600, -1, Int.max])
    func `An answer that stays the same is not`(status: Int?) {
        #expect(Self.wait(1, DownloadFailure(.status, status: status, "")) == nil)
    }

    @Test func `What the wire did may pass; what was meant does not`() {
        let passing = DownloadFailure.Kind.allCases.filter {
            Self.wait(1, DownloadFailure($0, "")) != nil
        }
        #expect(passing == [.refused, .timeout, .reset, .closed, .truncated, .checksum])
    }

    @Test func `There are as many retries as were asked for`() {
        #expect((1...5).allSatisfy { Self.wait($0) != nil })
        #expect(Self.wait(6) == nil && Self.wait(.max) == nil)
        #expect(Self.wait(advice: RetryAdvice(retries: 0, backoff: 1, seed: 1)) == nil)
        #expect(RetryAdvice(retries: .max, backoff: .max, seed: 1).retries == 100)
        #expect(RetryAdvice(retries: -1, backoff: .max, seed: 1).backoff == 30 * Self.second)
    }

    @Test func `Each wait is from half of the doubled one to all of it, and 30 s at most`() throws {
        let advice = RetryAdvice(retries: 100, backoff: Self.second / 2, seed: 7)
        for attempt in 1...100 {
            let whole = min((Self.second / 2) << UInt64(min(attempt - 1, 20)), 30 * Self.second)
            let wait = try #require(Self.wait(attempt, advice: advice))
            #expect((whole / 2...whole).contains(wait))
        }
        let largest = RetryAdvice(retries: 100, backoff: .max, seed: 7)
        #expect(try #require(Self.wait(100, advice: largest)) <= 30 * Self.second)
        #expect(Self.wait(3, advice: RetryAdvice(retries: 5, backoff: 0, seed: 7)) == 0)
    }

    @Test func `The same seed waits as long, and two flags do not`() {
        #expect(Self.wait(2) == Self.wait(2))
        let waits = Set(["AD", "AE", "AF", "AG"].map { Self.wait(of: $0) })
        #expect(waits.count == 4)
        let other = RetryAdvice(retries: 5, backoff: Self.second / 2, seed: 8)
        #expect(Self.wait(2) != Self.wait(2, advice: other))
        #expect(Self.wait(0) == Self.wait(1) && Self.wait(.min) == Self.wait(1))
    }

    @Test(arguments: [
        ("2", 2), (" 7\t", 7), ("30", 30), ("31", 30), ("99999999999999999999999", 30),
        ("Sun, 06 Nov 1994 08:49:42 GMT", 5), ("Sunday, 06-Nov-94 08:49:42 GMT", 5),
        ("Sun Nov  6 08:49:42 1994", 5), ("Fri, 31 Dec 9999 23:59:59 GMT", 30),
    ])
    func `A server that says when is waited for, up to 30 s`(value: String, seconds: UInt64) {
        #expect(Self.wait(after: value) == seconds * Self.second)
    }

    @Test(arguments: [
        "0", "", "-1", "1.5", "soon", "Sun, 06 Nov 1994 08:49:30 GMT", "1 2", "\u{0}",
    ])
    func `What it says that is over or no time leaves the back-off`(value: String) {
        #expect(Self.wait(after: value) == Self.wait())
    }

    @Test func `A clock that is far off does no harm`() {
        let date = "Fri, 31 Dec 9999 23:59:59 GMT"
        #expect(Self.wait(after: date, now: .min) == 30 * Self.second)
        #expect(Self.wait(after: date, now: .max) == Self.wait())
    }

    @Test func `A server's wait is not shorter than the back-off`() throws {
        #expect(try #require(Self.wait(5, after: "1")) >= 4 * Self.second)
    }
}
