import Glibc

/// The journal in a file or pipe: one line for each exchange, for as long as it can be written. Its
/// failure harms no request.
public final class JournalFile {
    /// Records that may wait while a disk is slow: about 8 MB.
    public static let maximumRecords = 32_768

    private let descriptor: Int32
    private let isOurs: Bool
    /// How messages call it.
    private let name: String
    private let writer: LogWriter
    private let log: LogWriter

    /// Opens `path`, or takes standard output for `-`. A file keeps what it has until `start`, so
    /// that a server that cannot start destroys nothing.
    ///
    /// - Parameters:
    ///   - log: is told what is missing in the journal.
    ///   - format: makes what writes the lines; called once, on the writing thread.
    public init(
        _ path: String, log: LogWriter, format: @escaping @Sendable () -> any RecordFormat
    ) throws(JournalFileError) {
        isOurs = path != "-"
        let name = isOurs ? "the journal '\(path)'" : "the journal on standard output"
        (self.name, self.log) = (name, log)
        // Without O_NONBLOCK a FIFO would hold us until somebody reads.
        descriptor =
            isOurs ? open(path, O_WRONLY | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0o644) : STDOUT_FILENO
        guard descriptor >= 0 else { throw Self.refusal(name, errno) }
        writer = LogWriter(
            descriptor: descriptor, maximumRecords: Self.maximumRecords, format: format
        ) { loss in
            log.write(Self.message(name, loss))
        }
    }

    /// Replaces what a file had, and starts the thread (see `LogWriter.start`).
    public func start() {
        if isOurs { ftruncate(descriptor, 0) }  // of a pipe or terminal there is nothing to replace
        // First: a thread that ours started, to say what happened, would lack the log's descriptor.
        log.start()
        writer.start()
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

    private static func reason(_ error: Int32) -> String { String(cString: strerror(error)) }

    private static func refusal(_ name: String, _ error: Int32) -> JournalFileError {
        let advice =
            switch error {
            case EISDIR: "Name a file, or - for standard output."
            case ENXIO: "No program reads from it; start the reader first."
            case ENOENT, ENOTDIR: "Create its directory first, or choose another."
            case EACCES, EPERM, EROFS: "Choose a place that you may write to."
            default: "Choose another file, or - for standard output."
            }
        return JournalFileError(
            description: "cannot write \(name): \(reason(error)). \(advice)")
    }
}
