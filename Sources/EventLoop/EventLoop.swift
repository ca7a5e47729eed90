internal import CLibevent
import Glibc

/// One thread's event loop: sockets, timers and signals through libevent.
///
/// It belongs to the thread that made it. Everything on it (connections, listeners, timers) is a
/// non-`Sendable` class that only this thread may touch; debug builds check that in each public
/// call.
public final class EventLoop {
    /// Bytes that one `recv` may bring.
    public static let readBufferSize = 65_536
    /// What is due for longer, in nanoseconds, does not wait until the turn of the loop is over.
    private static let lateness: UInt64 = 100_000

    let base: OpaquePointer
    /// One buffer for all connections: what is read is treated before anything else is read.
    let readBuffer: UnsafeMutableRawBufferPointer
    /// Gathers the answers to pipelined requests into one `send`.
    let corkBuffer: UnsafeMutableRawBufferPointer
    /// Bytes that were written to connections which have ended, until their handlers hear it.
    var dropped: [ObjectIdentifier: Int] = [:]
    var corkedCount = 0
    /// Whether some connection gathers there.
    var isCorked = false
    /// What relays splice through.
    let pipes = PipePool()
    /// For what has to wait.
    public let buffers = BufferPool()
    let peerSocket = PeerSocket()

    private var timers = TimerHeap()
    /// One kernel timer for the earliest deadline, of our own: libevent's precise timers cost a
    /// system call at every wake-up, this one only when it is armed.
    let timerFile: Int32
    private let timerEvent: UnsafeMutablePointer<event>
    /// What the clock said last, to whoever asked.
    private var lastRead: UInt64 = 0
    /// Until then sockets have their turn, whatever is due.
    private var socketsUntil: UInt64 = 0
    private var armedDeadline = UInt64.max
    /// The instant whose timers are being called; nil while none are.
    private var firing: UInt64?
    private var events = EventSlabs()
    private var deferred: [() -> Void] = []
    private var isStopped = false
    /// What has failed for good, the first one.
    private var failure: EventLoopError?
    private let thread = pthread_self()

    /// - Throws: `EventLoopError` if libevent has no memory or no back end, or there is no timer.
    public init() throws(EventLoopError) {
        _ = LibeventMessages.areOurs
        _ = LibeventMemory.isOurs
        signal(SIGPIPE, SIG_IGN)  // sendfile has no MSG_NOSIGNAL
        let configuration = event_config_new()
        defer { event_config_free(configuration) }
        event_config_set_flag(configuration, Int32(EVENT_BASE_FLAG_NOLOCK.rawValue))
        guard let base = event_base_new_with_config(configuration) else {
            throw EventLoopError("event_base_new_with_config")
        }
        self.base = base
        do throws(EventLoopError) {
            timerFile = try Self.makeTimer()
        } catch {
            event_base_free(base)
            throw error
        }
        readBuffer = .allocate(byteCount: Self.readBufferSize, alignment: 64)
        corkBuffer = .allocate(byteCount: Self.readBufferSize, alignment: 64)
        timerEvent = .allocate(capacity: 1)
        assign(
            timerEvent, timerFile, EV_READ | EV_PERSIST, Unmanaged.passUnretained(self).toOpaque()
        ) { _, _, context in EventLoop.borrowed(context).timersDue() }
        let error = add(timerEvent)
        guard error == 0 else { throw EventLoopError("epoll_ctl for timers", errno: error) }
    }

    /// One that works: whatever waits, waits for it.
    private static func makeTimer() throws(EventLoopError) -> Int32 {
        let file = timer_file_create()
        guard file >= 0 else { throw EventLoopError("timerfd_create") }
        guard timer_file_set(file, .max) == 0 else {
            let error = errno
            close(file)
            throw EventLoopError("timerfd_settime", errno: error)
        }
        return file
    }

    deinit {
        deferred = []  // what it holds may still want to give its event back
        remove(timerEvent)
        timerEvent.deallocate()
        event_base_free(base)
        close(timerFile)
        events.deallocate()
        readBuffer.deallocate()
        corkBuffer.deallocate()
    }

    /// `libevent 2.1.12 (epoll)`, for the banner.
    public var engine: String {
        let version = String(cString: event_get_version()).split(separator: "-")[0]
        return "libevent \(version) (\(String(cString: event_base_get_method(base))))"
    }

    /// Monotonic nanoseconds, read from the clock at each call.
    ///
    /// libevent's cached time is never used: it may be older than the bytes that have just been
    /// read, and an answer timed from it would leave early.
    public var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        lastRead = UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
        return lastRead
    }

    /// Runs until `stop()`.
    ///
    /// - Throws: `EventLoopError` if it cannot go on. What is on it is silent from then on.
    public func run() throws(EventLoopError) {
        assertOnThread()
        isStopped = false
        runDeferred()
        try check()
        // libevent forgets a stop that comes before its loop has begun.
        guard !isStopped else { return }
        if event_base_loop(base, EVLOOP_NO_EXIT_ON_EMPTY) < 0 {
            fail(EventLoopError("waiting with \(String(cString: event_base_get_method(base)))"))
        }
        try check()
    }

    /// - Throws: what keeps it from going on.
    public func check() throws(EventLoopError) {
        if let failure { throw failure }
    }

    /// Something that everything depends on has failed for good: stops, and has `run()` throw it.
    public func fail(_ error: EventLoopError) {
        if failure == nil { failure = error }
        stop()
    }

    /// Ends `run()` once the callbacks that are due have run.
    public func stop() {
        assertOnThread()
        isStopped = true
        event_base_loopbreak(base)
    }

    // MARK: Timers

    func schedule(_ waiter: Wakeable, at deadline: UInt64) {
        assertOnThread()
        guard let firing else {
            timers.schedule(waiter, at: deadline)
            if deadline < armedDeadline { arm(for: deadline) }
            return
        }
        // Who is late gets the next turn and not this one again: sockets are looked at in between.
        // All that timers schedule is armed once, after the last of them.
        timers.schedule(waiter, at: max(deadline, firing &+ 1))
    }

    func cancel(_ waiter: Wakeable) {
        timers.cancel(waiter)
    }

    private func arm(for deadline: UInt64) {
        // An instant that has passed makes it readable at once; 0 would disarm it.
        guard timer_file_set(timerFile, max(deadline, 1)) == 0 else {
            return fail(EventLoopError("timerfd_settime"))
        }
        armedDeadline = deadline
    }

    /// After the callback of a socket: what has become due since the turn of the loop began does
    /// not wait for all others that have something to say. As far as anybody has read the clock.
    @inline(__always)
    func callTimersIfLate() {
        guard let earliest = timers.earliest, lastRead &- Self.lateness >= earliest else { return }
        if lastRead >= socketsUntil { callTimers() }
    }

    private func callTimers() {
        let time = now
        firing = time
        while let waiter = timers.popDue(at: time) { waiter.due(at: now) }
        runDeferred()
        firing = nil
        // Sockets get as much time as timers, also where these always have more to do.
        let end = now
        socketsUntil = end &+ (end &- time)
    }

    private func timersDue() {
        callTimers()
        // Arming takes back the expiration, which else has to be read.
        if let earliest = timers.earliest { return arm(for: earliest) }
        var expirations: UInt64 = 0
        let count = retryingInterrupts { read(timerFile, &expirations, 8) }
        // It would stay readable, and be read again at once.
        if count < 0, errno != EAGAIN { fail(EventLoopError("read of the timer")) }
        armedDeadline = .max
    }

    // MARK: After the callback

    /// Runs `work` when the callback under way has returned: an object that is being called must
    /// not be freed, and nothing is told of an end while it is still writing.
    func afterCallback(_ work: @escaping () -> Void) {
        deferred.append(work)
    }

    @inline(__always)
    func runDeferred() {
        if !deferred.isEmpty { drainDeferred() }
    }

    private func drainDeferred() {
        while !deferred.isEmpty {
            let work = deferred
            deferred.removeAll(keepingCapacity: false)
            for item in work { item() }
        }
    }

    // MARK: Memory of libevent's events

    func takeEvent() -> UnsafeMutablePointer<event> { events.take(for: self) }

    func giveBack(_ event: UnsafeMutablePointer<event>) { events.putBack(event) }

    /// Recovers the loop from a C callback's context (borrowed: the loop outlives its events).
    static func borrowed(_ context: UnsafeMutableRawPointer?) -> EventLoop {
        guard let context else { preconditionFailure("an event of ours always has its context") }
        return Unmanaged<EventLoop>.fromOpaque(context).takeUnretainedValue()
    }

    @inline(__always)
    func assertOnThread() {
        assert(pthread_equal(pthread_self(), thread) != 0, "an EventLoop belongs to its thread")
    }
}
