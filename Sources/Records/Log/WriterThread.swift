import Glibc

/// What a thread that only writes must not share with the loop.
enum WriterThread {
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
}
