import Glibc

/// A configuration file, read at once.
enum WholeFile {
    /// Larger than any configuration; what is larger was given by mistake.
    static let maximumSize = 16 << 20
    /// How long the writer of a pipe may take, in milliseconds.
    private static let pipeMilliseconds: Int32 = 10_000

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// - Parameter maximumSize: in bytes.
    /// - Throws: `Failure` with the system's reason.
    static func read(
        _ path: String, maximumSize: Int = maximumSize
    ) throws(Failure) -> [UInt8] {
        // Without O_NONBLOCK a FIFO that nobody writes to would hold the program.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure() }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN {
                try waitForWriter(descriptor)
                continue
            }
            guard count >= 0 else { throw failure() }
            if count == 0 { return bytes }
            bytes += piece[..<count]
            guard bytes.count <= maximumSize else {
                throw Failure(description: "it is larger than \(maximumSize >> 20) MiB")
            }
        }
    }

    /// A pipe whose writer has not written yet.
    private static func waitForWriter(_ descriptor: Int32) throws(Failure) {
        var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let count = poll(&wait, 1, pipeMilliseconds)
        guard count != 0 else { throw Failure(description: "nobody has written to it for 10 s") }
        guard count > 0 || errno == EINTR else { throw failure() }
    }

    /// Whether something has this name: also what cannot be looked at, for reading it tells why.
    static func isThere(_ path: String) -> Bool {
        access(path, F_OK) == 0 || errno != ENOENT && errno != ENOTDIR
    }

    /// Whether it can be read more than once: a pipe cannot.
    static func isRegular(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG
    }

    private static func failure() -> Failure {
        Failure(description: String(cString: strerror(errno)))
    }
}
