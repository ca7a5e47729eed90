import Downloading
import Faults
import HTTPWire

/// Whether what failed is tried again, and after how long: waits that double, spread by a seed, and
/// what `Retry-After` says.
struct RetryAdvice: Equatable {
    /// However often somebody wants it.
    static let maximumRetries = 100
    /// However long a server or a sum wants it, in nanoseconds.
    static let maximumWait: Nanoseconds = 30_000_000_000
    private static let nanosecondsPerSecond: Nanoseconds = 1_000_000_000

    /// After the first attempt: 0...100.
    let retries: Int
    /// Before the first retry, before it is spread; at most 30 s.
    let backoff: Nanoseconds
    /// Same seed, same waits.
    let seed: UInt64

    init(retries: Int, backoff: Nanoseconds, seed: UInt64) {
        self.retries = min(max(retries, 0), Self.maximumRetries)
        self.backoff = min(backoff, Self.maximumWait)
        self.seed = seed
    }

    /// - Parameters:
    ///   - attempt: how many were made, from 1.
    ///   - name: what is downloaded; two of them do not wait equally long.
    ///   - retryAfter: the field's value; nil: there is none.
    ///   - now: seconds since 1970, for a date in `retryAfter`.
    /// - Returns: how long to wait, at most 30 s; nil: that was the last one.
    func wait(
        afterAttempt attempt: Int, of name: String, _ failure: DownloadFailure,
        retryAfter: String? = nil, now: Int64
    ) -> Nanoseconds? {
        guard attempt <= retries, Self.mayPass(failure) else { return nil }
        let asked = retryAfter.flatMap { Self.wait(saidBy: $0, now: now) } ?? 0
        return max(asked, spread(afterAttempt: max(attempt, 1), of: name))
    }

    /// From half of the doubled back-off to all of it: those that failed together come back apart.
    private func spread(afterAttempt attempt: Int, of name: String) -> Nanoseconds {
        // 2^35 ns are more than the longest wait.
        let factor: Nanoseconds = 1 << Nanoseconds(min(attempt - 1, 35))
        let (product, isOver) = backoff.multipliedReportingOverflow(by: factor)
        let longest = isOver ? Self.maximumWait : min(product, Self.maximumWait)
        let own = SeededGenerator.hash(name.utf8) ^ SeededGenerator.mix(UInt64(attempt))
        var generator = SeededGenerator(seed: seed ^ own)
        return longest - generator.next(below: longest / 2 + 1)
    }

    // MARK: What may pass

    /// Whether another attempt may well have another end.
    static func mayPass(_ failure: DownloadFailure) -> Bool {
        switch failure.kind {
        case .refused, .timeout, .reset, .closed, .truncated, .checksum: true
        case .status: failure.status.map(mayPass) ?? false
        case .name, .unreachable, .malformed, .coding, .large, .redirect, .file: false
        }
    }

    /// 418 is what the flag servers' faults answer; of the others RFC 9110 and 6585 say so.
    private static func mayPass(_ status: Int) -> Bool {
        [408, 418, 425, 429].contains(status) || (500...599).contains(status)
    }

    // MARK: Retry-After

    /// RFC 9110 §10.2.3: a number of seconds, or a date.
    ///
    /// - Returns: at most 30 s, and 0 for what has passed; nil for what is neither.
    private static func wait(saidBy value: String, now: Int64) -> Nanoseconds? {
        let text = value.trimmed
        if !text.isEmpty, text.utf8.allSatisfy({ $0 &- 0x30 <= 9 }) {
            return capped(UInt64(text) ?? .max)
        }
        let bytes = Array(text.utf8)
        guard let date = bytes.withUnsafeBytes({ HTTPDate.parse($0, now: now) }) else {
            return nil
        }
        let (seconds, isOver) = date.subtractingReportingOverflow(now)
        return isOver ? maximumWait : capped(UInt64(max(seconds, 0)))
    }

    private static func capped(_ seconds: UInt64) -> Nanoseconds {
        min(seconds, maximumWait / nanosecondsPerSecond) * nanosecondsPerSecond
    }
}
