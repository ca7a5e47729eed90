public import EventLoop
import Glibc

/// Writes files from a thread of its own, so that a slow disk never holds the loop. Each is written
/// beside its place, as `NAME.part`, and renamed when it is whole. Files are handed over some at a
/// time, and told of so too: to wake a thread takes as long as to write a file.
///
/// `@unchecked Sendable`: what both threads touch is touched only under `mutex`.
public final class FileSaver: @unchecked Sendable {
    private struct Job {
        let number: Int
        let content: [UInt8]
        let path: String
        /// Whether it stays a `.part`, to be gone on with later.
        let isPart: Bool
    }

    /// Files that are handed over together, at the most.
    private static let mostGathered = 16
    /// How long the first of those waits for others, in nanoseconds.
    private static let patience: UInt64 = 1_000_000
    /// How long what is written waits to be told while there is more to write, in nanoseconds.
    private static let silence: UInt64 = 5_000_000

    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var jobs: [Job] = []
    private var done: [(number: Int, failure: DownloadFailure?)] = []
    private var isClosing = false
    private var hasThread = false
    private var thread = pthread_t()
    /// The thread's end of a pair of sockets: a byte there wakes the loop.
    private var bell: Int32 = -1

    // Loop thread only.
    private let loop: EventLoop
    private var completions: [Int: (DownloadFailure?) -> Void] = [:]
    /// What is called behind those, by the same numbers.
    private var followers: [Int: [() -> Void]] = [:]
    private var gathered: [Job] = []
    private lazy var handing = Timer(on: loop) { [unowned self] in handOver() }
    private var count = 0
    private var listener: FileSaverListener?
    /// Of files that are not written yet, in bytes.
    public private(set) var queuedBytes = 0
    private var sizes: [Int: Int] = [:]

    /// - Throws: `EventLoopError` if there is no pair of sockets.
    public init(on loop: EventLoop) throws(EventLoopError) {
        self.loop = loop
        signal(SIGXFSZ, SIG_IGN)  // a limit of file sizes is an error like others
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(changed, nil)
        var pair: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &pair) == 0 else { throw EventLoopError("socketpair") }
        bell = pair[1]
        listener = FileSaverListener(pair[0], on: loop) { [unowned self] in tell() }
    }

    deinit {
        close()
        listener = nil  // while the loop is still there
        pthread_mutex_destroy(mutex)
        pthread_cond_destroy(changed)
        mutex.deallocate()
        changed.deallocate()
        if bell >= 0 { Glibc.close(bell) }
    }

    // MARK: For the loop

    /// - Parameters:
    ///   - isPart: whether `path` is that of a file that is not whole: it gets `.part` at its end.
    ///   - completion: called once on the loop's thread, after this has returned, unless the saver
    ///     is freed first; with `file` and the reason if it could not be written.
    public func save(
        _ content: [UInt8], as path: String, isPart: Bool = false,
        completion: @escaping (DownloadFailure?) -> Void
    ) {
        count += 1
        completions[count] = completion
        sizes[count] = content.count
        queuedBytes += content.count
        gathered.append(Job(number: count, content: content, path: path, isPart: isPart))
        if gathered.count == 1 { handing.schedule(after: Self.patience) }
        if gathered.count >= Self.mostGathered { handOver() }
    }

    /// Calls `work` when the completions of all that is to be saved have been called: now, if they
    /// have been.
    public func afterAll(_ work: @escaping () -> Void) {
        guard completions[count] != nil else { return work() }
        followers[count, default: []].append(work)
    }

    /// Waits for no others: nothing more is to be saved for a while.
    public func handOver() {
        guard !gathered.isEmpty else { return }
        handing.cancel()
        locked {
            // With others before them, the thread is at work.
            if jobs.isEmpty { pthread_cond_signal(changed) }
            jobs += gathered
            gathered = []
            if !hasThread { start() }
        }
    }

    /// Waits until all that is to be saved is written; nothing more may be.
    public func close() {
        handOver()
        let running = locked {
            isClosing = true
            pthread_cond_signal(changed)
            defer { hasThread = false }
            return hasThread
        }
        if running { pthread_join(thread, nil) }
        tell()
    }

    private func tell() {
        let finished = locked {
            defer { done = [] }
            return done
        }
        for (number, failure) in finished {
            queuedBytes -= sizes.removeValue(forKey: number) ?? 0
            completions.removeValue(forKey: number)?(failure)
            for follower in followers.removeValue(forKey: number) ?? [] { follower() }
        }
    }

    /// Under the mutex. Without a thread everything is written by the caller.
    private func start() {
        // Retained by nobody else: `close()` joins the thread before this object goes.
        let context = Unmanaged.passUnretained(self).toOpaque()
        hasThread =
            pthread_create(
                &thread, nil,
                { context in
                    guard let context else { return nil }
                    Unmanaged<FileSaver>.fromOpaque(context).takeUnretainedValue().run()
                    return nil
                }, context) == 0
        if !hasThread { writeAll() }
    }

    private func locked<Value>(_ body: () -> Value) -> Value {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }

    // MARK: The thread

    private func run() {
        pthread_mutex_lock(mutex)
        while true {
            while jobs.isEmpty, !isClosing { pthread_cond_wait(changed, mutex) }
            guard !jobs.isEmpty else { break }
            writeAll()
        }
        pthread_mutex_unlock(mutex)
    }

    /// Under the mutex, which is free while files are written.
    private func writeAll() {
        let batch = jobs
        jobs = []
        pthread_mutex_unlock(mutex)
        var written: [(Int, DownloadFailure?)] = []
        var lastTold = Self.now
        for job in batch {
            written.append((job.number, Self.write(job.content, job.path, isPart: job.isPart)))
            let now = Self.now
            guard now - lastTold >= Self.silence else { continue }
            lastTold = now
            locked { publish(&written) }
        }
        pthread_mutex_lock(mutex)
        publish(&written)
    }

    /// The loop's clock is the loop's.
    private static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }

    /// Under the mutex.
    private func publish(_ written: inout [(Int, DownloadFailure?)]) {
        guard !written.isEmpty else { return }
        // With others before them, the bell has rung.
        if done.isEmpty { ring() }
        done += written
        written = []
    }

    private static func write(_ content: [UInt8], _ path: String, isPart: Bool) -> DownloadFailure?
    {
        let part = path + ".part"
        let file = create(part)
        guard file >= 0 else { return failure(part) }
        let written = content.withUnsafeBytes { writeAll($0, to: file) }
        let failed = written ? nil : failure(part)
        // A file system may tell only now that there is no room.
        guard Glibc.close(file) == 0 || failed != nil else { return removed(part) }
        guard failed == nil else { return removed(part, failed) }
        guard !isPart, rename(part, path) != 0 else { return nil }
        return removed(part, failure(path))
    }

    /// Whatever is there is not followed, and cannot hold us: it goes.
    private static func create(_ part: String) -> Int32 {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let file = open(part, flags, 0o666)
        guard file < 0, errno == EEXIST else { return file }
        unlink(part)
        return open(part, flags, 0o666)
    }

    private func ring() {
        var byte: UInt8 = 1
        while Glibc.send(bell, &byte, 1, Int32(MSG_NOSIGNAL)) < 0 {
            switch errno {
            case EINTR: continue
            case EAGAIN: return  // enough has been rung
            // The loop would wait for ever for what has been written.
            case let error: EventLoopError("send to the loop", errno: error).endProcess()
            }
        }
    }

    private static func removed(_ part: String, _ failed: DownloadFailure? = nil) -> DownloadFailure
    {
        let failed = failed ?? failure(part)
        unlink(part)
        return failed
    }

    private static func writeAll(_ bytes: UnsafeRawBufferPointer, to file: Int32) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = Glibc.write(file, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
        return true
    }

    private static func failure(_ path: String) -> DownloadFailure {
        DownloadFailure(.file, "\(path) cannot be written: \(String(cString: strerror(errno)))")
    }
}

/// Hears the saver's bell.
private final class FileSaverListener: ConnectionHandler {
    private let connection: Connection
    private let loop: EventLoop
    private let heard: () -> Void

    init(_ descriptor: Int32, on loop: EventLoop, heard: @escaping () -> Void) {
        connection = Connection(descriptor: descriptor, on: loop)
        (self.loop, self.heard) = (loop, heard)
        super.init()
        connection.start(self)
    }

    override func received(_ bytes: UnsafeRawBufferPointer) { heard() }

    /// Nobody would hear what has been written.
    override func closed(_ ending: ConnectionEnding) {
        let error = if case .failed(let error) = ending { error } else { EPIPE }
        loop.fail(EventLoopError("hearing of written files", errno: error))
    }
}
