import Glibc

/// A configuration file, read at once.
enum WholeFile {
    /// Larger than any configuration; what is larger was given by mistake.
    static let maximumSize = 16 << 20

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
            guard count >= 0 else { throw failure() }
            if count == 0 { return bytes }
            bytes += piece[..<count]
            guard bytes.count <= maximumSize else {
                throw Failure(description: "it is larger than \(maximumSize >> 20) MiB")
            }
        }
    }

    private static func failure() -> Failure {
        Failure(description: String(cString: strerror(errno)))
    }
}
