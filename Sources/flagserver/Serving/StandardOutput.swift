import Glibc

/// What a program would read, written so that a full disk or a closed pipe is noticed.
enum StandardOutput {
    /// - Throws: `CommandLineError` with status 74.
    static func write(_ text: String) throws { try write(Array(text.utf8)) }

    /// - Throws: `CommandLineError` with status 74.
    static func write(_ bytes: [UInt8]) throws {
        var position = 0
        while position < bytes.count {
            let count = bytes[position...].withUnsafeBytes {
                Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let reason = String(cString: strerror(errno))
                throw CommandLineError(.outputError, "cannot write to standard output: \(reason).")
            }
            position += count
        }
    }
}
