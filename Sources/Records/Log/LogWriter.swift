import EventLoop
import Glibc

/// Writes lines to a descriptor from a thread of its own, through a bounded queue: only that
/// thread may block on a stuck terminal or a full disk, never the loop. Records are queued as they
/// are, and become lines on the thread.
///
/// `@unchecked Sendable`: every stored property but the constants is touched only under `mutex`.
public final class LogWriter: @unchecked Sendable {
    /// Bytes of texts, and records, that may wait. What comes on top is dropped and counted.
    static let maximumQueued = 1 << 20
    /// Records that may wait in a log for people, with targets of 1 KiB on average.
    public static let maximumRecords = 4096
    /// How long lines are gathered, in milliseconds: waking the thread for each of a hundred
    /// thousand lines a second would cost more than writing them.
    private static let gatherMilliseconds = 5

    /// Why lines are missing.
    public enum Loss: Sendable {
        /// Too many wait; told once.
        case dropped
        /// Nothing can be written any more; the error number says why.
        case failed(Int32)
    }

    private var descriptor: Int32
    /// Opens another descriptor to go on with; nil if nobody wants that.
    private var move: (@Sendable () -> Int32?)?
    private let maximumRecords: Int
    private let onLoss: (@Sendable (Loss) -> Void)?
    private let onFailure: (@Sendable (Int32) -> Void)?
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var waiting = LogBatch()
    /// Makes the thread's own format; nil once it has.
    private var makeFormat: (@Sendable () -> any RecordFormat)?
    private var hasThread = false
    private var hasOwnTable = false
    private var isReady = false
    private var isWriting = false
    private var isFlushing = false
    private var hasFailed = false
    private var lost = 0
    /// Of the lost ones, those that no line has told of yet.
    private var untold = 0

    /// - Parameters:
    ///   - maximumRecords: that may wait. What comes on top is dropped, counted and told.
    ///   - format: is called once, on the thread; what it makes may keep state of its own.
    ///   - onFailure: is told, as `onLoss` is, why nothing can be written any more, and lets what
    ///     is dropped be told by a line in its place all the same.
    ///   - onLoss: is told of missing lines, on the loop's thread or on the writer's, which has no
    ///     other descriptors; it must not call this writer. Without it a line in their place says
    ///     how many were dropped.
    public init(
        descriptor: Int32, maximumRecords: Int = maximumRecords,
        format: (@Sendable () -> any RecordFormat)? = nil,
        onLoss: (@Sendable (Loss) -> Void)? = nil,
        onFailure: (@Sendable (Int32) -> Void)? = nil
    ) {
        (self.descriptor, self.maximumRecords) = (descriptor, maximumRecords)
        (self.onLoss, self.onFailure, makeFormat) = (onLoss, onFailure, format)
        pthread_mutex_init(mutex, nil)
        // By the monotonic clock: setting the machine's clock must not hold lines back.
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(changed, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    // MARK: For the loop

    /// Starts the thread, which the first line would do else. Best before there are connections:
    /// it begins with copies of all descriptors, and this waits until it has closed them.
    ///
    /// - Parameter format: replaces the one of the records that are not written yet.
    public func start(format: (@Sendable () -> any RecordFormat)? = nil) {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        if let format { makeFormat = format }
        startThread()
    }

    /// Queues `text`, which ends in a newline. Never blocks.
    public func write(_ text: String) {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard isOpen else { return }
        guard waiting.text.count + text.utf8.count <= Self.maximumQueued else { return drop() }
        queue { $0.append(text) }
    }

    /// Queues the line of `record`. Never blocks.
    public func write(_ record: ExchangeRecord) {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard isOpen else { return }
        guard waiting.records.count < maximumRecords,
            waiting.targetBytes < maximumRecords << 10
        else { return drop() }
        queue { $0.append(record) }
    }

    /// Waits until everything is written, for `milliseconds` at most: a stuck reader must not
    /// keep the process alive.
    ///
    /// - Returns: whether nothing is left to be written.
    @discardableResult
    public func flush(milliseconds: Int) -> Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        isFlushing = true
        pthread_cond_broadcast(changed)
        wait(milliseconds) { !isWriting && waiting.isEmpty }
        isFlushing = false
        return !isWriting && waiting.isEmpty
    }

    /// Writes what waits, and then goes on with another descriptor, also if it had failed. Waits
    /// until that is done, for `milliseconds` at most.
    ///
    /// - Parameter open: is called once, on the thread; closes nothing. nil: all stays as it is.
    func move(milliseconds: Int, to open: @escaping @Sendable () -> Int32?) {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        if !hasThread { startThread() }
        guard hasThread else { return moved(to: open()) }
        move = open
        pthread_cond_broadcast(changed)
        wait(milliseconds) { move == nil && !isWriting }
    }

    /// Whether the thread does not share descriptors with the rest of the process.
    var hasOwnDescriptors: Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return hasOwnTable
    }

    /// Lines that were not written, and never will be.
    public var dropped: Int {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return lost
    }

    /// Records that wait, without those that the thread has taken.
    var queuedRecords: Int {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return waiting.records.count
    }

    // MARK: The queue, under the mutex

    /// Whether a line may be queued; it is lost if not.
    private var isOpen: Bool {
        if hasFailed {
            lost += 1
            return false
        }
        if !hasThread { startThread() }
        return true
    }

    private func drop() {
        if lost == 0 { onLoss?(.dropped) }
        lost += 1
        untold += 1
    }

    private func queue(_ append: (inout LogBatch) -> Void) {
        let (wasEmpty, wasCalm) = (waiting.isEmpty, isCalm)
        if untold > 0, onLoss == nil {
            waiting.append("warning: \(untold) log lines were dropped: ")
            waiting.append("whoever reads them is too slow.\n")
            untold = 0
        }
        append(&waiting)
        if wasEmpty || wasCalm != isCalm { pthread_cond_broadcast(changed) }
        if !hasThread { writeHere() }
    }

    /// Whether the thread may go on gathering.
    private var isCalm: Bool {
        waiting.text.count <= Self.maximumQueued / 2
            && waiting.records.count <= maximumRecords / 2
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

    /// Nobody reads any more (closed terminal, broken pipe, full disk): the server goes on without.
    private func giveUp(_ failure: LogBatch.Failure) {
        hasFailed = true
        lost += failure.lines + waiting.records.count
        waiting = LogBatch()
        onLoss?(.failed(failure.error))
        onFailure?(failure.error)
    }

    private func moved(to other: Int32?) {
        guard let other else { return }
        close(descriptor)
        (descriptor, hasFailed) = (other, false)
    }

    /// No thread is to be had: rather blocking than silent, but a reader that is stuck must not
    /// keep the loop.
    private func writeHere() {
        var output: [UInt8] = []
        var format = makeFormat?()
        let failure = waiting.write(to: descriptor, &format, &output, isPatient: false)
        if let failure { giveUp(failure) }
        waiting.removeAll()
    }

    // MARK: The thread

    private func startThread() {
        guard !hasThread else { return }
        var thread = pthread_t()
        // Owned by C for the life of the process: the thread never ends.
        let context = Unmanaged.passRetained(self).toOpaque()
        let result = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                return Unmanaged<LogWriter>.fromOpaque(context).takeUnretainedValue().writeForEver()
            }, context)
        guard result == 0 else { return Unmanaged<LogWriter>.fromOpaque(context).release() }
        pthread_detach(thread)
        hasThread = true
        while !isReady { pthread_cond_wait(changed, mutex) }
    }

    private func writeForEver() -> UnsafeMutableRawPointer? {
        WriterThread.leaveSignals()
        let isAlone = DescriptorTable.leaveShared(keeping: [descriptor, STDERR_FILENO])
        var (taken, output) = (LogBatch(), [UInt8]())
        var format: (any RecordFormat)?
        pthread_mutex_lock(mutex)
        (isReady, hasOwnTable) = (true, isAlone)
        while true {
            isWriting = false
            pthread_cond_broadcast(changed)
            while waiting.isEmpty, move == nil { pthread_cond_wait(changed, mutex) }
            wait(Self.gatherMilliseconds) { isFlushing || !isCalm || move != nil }
            swap(&taken, &waiting)
            isWriting = true
            let (made, open, descriptor) = (makeFormat, move, descriptor)
            (makeFormat, move) = (nil, nil)
            pthread_mutex_unlock(mutex)
            if let made { format = made() }
            let failure = taken.write(to: descriptor, &format, &output)
            taken.removeAll()
            let other = open?()
            pthread_mutex_lock(mutex)
            if let failure { giveUp(failure) }
            moved(to: other)
        }
    }
}
