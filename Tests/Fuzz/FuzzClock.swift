import Glibc

/// Holds the time that an input takes against its length: what grows faster than that is found.
enum FuzzClock {
    /// Of the thread, in nanoseconds. Under the sanitizer the parser of options alone takes a third
    /// of it for a configuration that has nothing wrong but its end.
    private static let most = 200_000_000
    private static let mostForAByte = 20_000

    static func check(_ target: FuzzTarget, _ bytes: UnsafeRawBufferPointer) throws {
        let limit = most + mostForAByte * bytes.count
        var time = try time(target, bytes)
        // Whatever else the machine had to do is not there each time.
        for _ in 0..<4 where time > limit { time = min(time, try self.time(target, bytes)) }
        try hold(time <= limit, "\(bytes.count) bytes take \(time / 1000) us")
    }

    private static func time(
        _ target: FuzzTarget, _ bytes: UnsafeRawBufferPointer
    ) throws -> Int {
        let start = now
        try target.check(bytes)
        return now - start
    }

    private static var now: Int {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
