import Glibc

/// The log in a file, which is appended to, whoever else shortens or renames it.
public final class LogFile {
    private let path: String
    private let descriptor: Int32
    /// Writes to it.
    public let writer: LogWriter

    /// - Throws: why it cannot be written.
    public init(_ path: String) throws(JournalFileError) {
        self.path = path
        descriptor = JournalFile.opened(path)
        guard descriptor >= 0 else { throw Self.refusal(path, errno) }
        writer = LogWriter(
            descriptor: descriptor,
            onFailure: { error in
                // Where else: the writer's thread has no other descriptor.
                let reason = JournalFile.reason(error)
                let line = "error: cannot write the log '\(path)' any more: \(reason).\n"
                let bytes = Array(line.utf8)
                _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
            })
    }

    /// The writer's thread has been started: its own descriptor is all that is needed.
    public func started() {
        if writer.hasOwnDescriptors { close(descriptor) }
    }

    /// Opens the file again under its name, for whoever has renamed it. Where that cannot be, the
    /// old one is written on, and says so.
    ///
    /// - Parameter milliseconds: how long it waits for a slow disk at most.
    public func reopen(milliseconds: Int) {
        let test = JournalFile.opened(path)
        guard test >= 0 else {
            let refusal = Self.refusal(path, errno)
            return writer.write("error: \(refusal) What was open before is written on.\n")
        }
        close(test)
        // The thread has descriptors of its own.
        writer.move(milliseconds: milliseconds) { [path] in
            let descriptor = JournalFile.opened(path)
            return descriptor >= 0 ? descriptor : nil
        }
    }

    private static func refusal(_ path: String, _ error: Int32) -> JournalFileError {
        JournalFile.refusal("the log '\(path)'", error, or: "")
    }
}
