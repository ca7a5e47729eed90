import Glibc

/// What a thread that only writes must not share with the loop.
enum WriterThread {
    /// `CLOSE_RANGE_UNSHARE`, which C defines as an expression that Swift cannot import.
    private static let unshare: Int32 = 1 << 1

    /// Signals are for the loop: its handler passes them on through a descriptor that this thread
    /// does not have. SIGPIPE and SIGXFSZ come from this thread's own writes, which report an
    /// error as well.
    static func leaveSignals() {
        var signals = sigset_t()
        sigfillset(&signals)
        // Blocked, these would end the process without a word.
        for crash in [SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP] {
            sigdelset(&signals, crash)
        }
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    /// Gives the thread a descriptor table of its own with nothing but `descriptor` and stderr:
    /// the kernel need not guard the loop's table against another user, and every call on a
    /// socket is cheaper. Where that is not possible the table stays shared.
    static func leaveDescriptors(but descriptor: Int32) {
        // The Glibc module does not show close_range(2), because it needs _GNU_SOURCE.
        guard let symbol = dlsym(nil, "close_range") else { return }
        typealias CloseRange = @convention(c) (UInt32, UInt32, Int32) -> Int32
        let closeRange = unsafeBitCast(symbol, to: CloseRange.self)
        let kept = [descriptor, STDERR_FILENO].filter { $0 >= 0 }.map(UInt32.init).sorted()
        // First the last range, with the copy: only what lies below it is copied at all. Before
        // that there is nothing but the loop's own table, in which nothing may be closed.
        guard closeRange((kept.last ?? 0) + 1, .max, unshare) == 0 else { return }
        var first: UInt32 = 0
        for number in kept {
            if first < number { _ = closeRange(first, number - 1, 0) }
            first = number + 1
        }
    }
}
