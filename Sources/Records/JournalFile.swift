import Glibc

/// The journal in a file or pipe: one line for each exchange, for as long as it can be written. Its
/// failure harms no request. A file is appended to, whoever else shortens or renames it.
public final class JournalFile {
    /// Records that may wait while a disk is slow: about 8 MB.
    public static let maximumRecords = 32_768

    private let path: String
    private let descriptor: Int32
    private let isOurs: Bool
    /// How messages call it.
    private let name: String
    private let writer: LogWriter
    private let log: LogWriter

    /// Opens `path`, or takes standard output for `-`. A file keeps what it has.
    ///
    /// - Parameters:
    ///   - log: is told what is missing in the journal.
    ///   - format: makes what writes the lines; called once, on the writing thread.
    public init(
        _ path: String, log: LogWriter, format: @escaping @Sendable () -> any RecordFormat
    ) throws(JournalFileError) {
        isOurs = path != "-"
        let name = isOurs ? "the journal '\(path)'" : "the journal on standard output"
        (self.path, self.name, self.log) = (path, name, log)
        descriptor = isOurs ? Self.opened(path) : STDOUT_FILENO
        guard descriptor >= 0 else { throw Self.refusal(name, errno) }
        writer = LogWriter(
            descriptor: descriptor, maximumRecords: Self.maximumRecords, format: format
        ) { loss in
            log.write(Self.message(name, loss))
        }
    }

    static func opened(_ path: String) -> Int32 {
        // Without O_NONBLOCK a FIFO would hold us until somebody reads.
        open(path, O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_CLOEXEC, 0o644)
    }

    /// Starts the thread (see `LogWriter.start`).
    public func start() {
        // First: a thread that ours started, to say what happened, would lack the log's descriptor.
        log.start()
        writer.start()
        // The thread's own is all that is needed: a file that was renamed and deleted goes then.
        if isOurs, writer.hasOwnDescriptors { close(descriptor) }
    }

    /// Opens the file again under its name, for whoever has renamed it: what comes from now on is
    /// there. A writer that had given up goes on. To be called after `start`.
    ///
    /// - Parameter milliseconds: how long it waits for a slow disk at most.
    public func reopen(milliseconds: Int) {
        guard isOurs else { return }
        writer.move(milliseconds: milliseconds) { [path, name, log] in
            let descriptor = Self.opened(path)
            if descriptor >= 0 { return descriptor }
            let refusal = Self.refusal(name, errno)
            log.write("error: \(refusal) What was open before is written on.\n")
            return nil
        }
    }

    /// Never blocks.
    public func write(_ record: ExchangeRecord) { writer.write(record) }

    /// Lines that are missing.
    public var dropped: Int { writer.dropped }

    /// Waits until everything is written, for `milliseconds` at most.
    public func flush(milliseconds: Int) { writer.flush(milliseconds: milliseconds) }

    /// At the end: `flush`, and a word on what is missing.
    public func finish(milliseconds: Int) {
        let isComplete = writer.flush(milliseconds: milliseconds)
        let count = dropped + writer.queuedRecords
        guard count > 0 || !isComplete else { return }
        let lines =
            switch count {
            case 0: "the last lines are"
            case 1: "1 line is"
            default: "\(count) lines are"
            }
        // What the thread is still writing may arrive in part.
        let bound = isComplete || count == 0 ? "" : "at least "
        log.write("warning: \(bound)\(lines) missing in \(name).\n")
    }

    // MARK: Messages

    private static func message(_ name: String, _ loss: LogWriter.Loss) -> String {
        switch loss {
        case .dropped:
            "warning: lines of \(name) are dropped: whoever reads it is too slow. "
                + "The end and /metrics say how many.\n"
        case .failed(let error):
            "error: cannot write \(name) any more: \(reason(error)); "
                + "the servers go on without it.\n"
        }
    }

    static func reason(_ error: Int32) -> String { String(cString: strerror(error)) }

    static func refusal(
        _ name: String, _ error: Int32, or other: String = ", or - for standard output"
    ) -> JournalFileError {
        let advice =
            switch error {
            case EISDIR: "Name a file\(other)."
            case ENXIO: "No program reads from it; start the reader first."
            case ENOENT, ENOTDIR: "Create its directory first, or choose another."
            case EACCES, EPERM, EROFS: "Choose a place that you may write to."
            default: "Choose another file\(other)."
            }
        return JournalFileError(
            description: "cannot write \(name): \(reason(error)). \(advice)")
    }
}
