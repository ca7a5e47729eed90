import Glibc

/// Writes lines to a descriptor from a thread of its own, through a bounded queue: only that
/// thread may block on a stuck terminal or a full disk, never the loop.
///
/// `@unchecked Sendable`: every stored property but the constants is touched only under `mutex`.
final class LogWriter: @unchecked Sendable {
    /// Bytes that may wait. What comes on top is dropped, counted and said.
    static let maximumQueued = 1 << 20
    /// How long lines are gathered, in milliseconds: waking the thread for each of a hundred
    /// thousand lines a second would cost more than writing them.
    private static let gatherMilliseconds = 5

    private let descriptor: Int32
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var queue: [UInt8] = []
    private var isWriting = false
    private var hasThread = false
    private var dropped = 0
    private var hasFailed = false
    private var isFlushing = false

    init(descriptor: Int32) {
        self.descriptor = descriptor
        pthread_mutex_init(mutex, nil)
        // By the monotonic clock: setting the machine's clock must not hold lines back.
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(changed, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    /// Only when there is a line to write: every system call is a little cheaper in a process of
    /// one thread.
    private func startThread() -> Bool {
        var thread = pthread_t()
        // Owned by C for the life of the process: the thread never ends.
        let context = Unmanaged.passRetained(self).toOpaque()
        let result = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                return Unmanaged<LogWriter>.fromOpaque(context).takeUnretainedValue().writeForEver()
            }, context)
        guard result == 0 else {
            Unmanaged<LogWriter>.fromOpaque(context).release()
            return false
        }
        pthread_detach(thread)
        hasThread = true
        return true
    }

    /// Queues `text`, which ends in a newline. Never blocks.
    func write(_ text: String) {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard !hasFailed else { return }
        if !hasThread, !startThread() {
            _ = writeAll(Array(text.utf8))  // no thread to be had: rather blocking than silent
            return
        }
        guard queue.count + text.utf8.count <= Self.maximumQueued else {
            dropped += 1
            return
        }
        if queue.isEmpty { pthread_cond_broadcast(changed) }
        if dropped > 0 {
            queue.append(contentsOf: "warning: \(dropped) log lines were dropped: ".utf8)
            queue.append(contentsOf: "whoever reads them is too slow.\n".utf8)
            dropped = 0
        }
        let half = Self.maximumQueued / 2
        if queue.count <= half, queue.count + text.utf8.count > half {
            pthread_cond_broadcast(changed)
        }
        queue.append(contentsOf: text.utf8)
    }

    /// Waits until everything is written, for `milliseconds` at most: a stuck reader must not
    /// keep the process alive.
    func flush(milliseconds: Int) {
        pthread_mutex_lock(mutex)
        isFlushing = true
        pthread_cond_broadcast(changed)
        wait(milliseconds) { !isWriting && queue.isEmpty }
        isFlushing = false
        pthread_mutex_unlock(mutex)
    }

    /// Lets go of the mutex until `condition` holds or the time is over.
    private func wait(_ milliseconds: Int, until condition: () -> Bool) {
        var deadline = timespec()
        clock_gettime(CLOCK_MONOTONIC, &deadline)
        let nanoseconds = deadline.tv_nsec + milliseconds * 1_000_000
        deadline.tv_sec += nanoseconds / 1_000_000_000
        deadline.tv_nsec = nanoseconds % 1_000_000_000
        while !condition(), pthread_cond_timedwait(changed, mutex, &deadline) == 0 {}
    }

    private func writeForEver() -> UnsafeMutableRawPointer? {
        while true {
            pthread_mutex_lock(mutex)
            isWriting = false
            pthread_cond_broadcast(changed)
            while queue.isEmpty { pthread_cond_wait(changed, mutex) }
            wait(Self.gatherMilliseconds) {
                isFlushing || queue.count > Self.maximumQueued / 2
            }
            var taken: [UInt8] = []
            swap(&taken, &queue)
            isWriting = true
            pthread_mutex_unlock(mutex)
            if !writeAll(taken) { giveUp() }
        }
    }

    /// Nobody reads any more (closed terminal, broken pipe, full disk): the server goes on without.
    private func giveUp() {
        pthread_mutex_lock(mutex)
        hasFailed = true
        queue = []
        pthread_mutex_unlock(mutex)
    }

    private func writeAll(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var position = 0
            while position < bytes.count {
                guard let start = bytes.baseAddress else { return true }
                let count = Glibc.write(descriptor, start + position, bytes.count - position)
                if count > 0 {
                    position += count
                } else if errno == EAGAIN {
                    var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    poll(&wait, 1, 1000)
                } else if errno != EINTR {
                    return false
                }
            }
            return true
        }
    }
}
