import Glibc

/// A file that an option names; `-` is stdout.
enum OutputFile {
    /// - Throws: `CommandLineError` 1 that says why it cannot be written, 74 for stdout.
    static func write(_ text: String, to path: String, _ option: String) throws {
        if path == "-" { return try StandardOutput.write(text) }
        let file = fopen(path, "w")
        let isWritten = file.map { fputs(text, $0) >= 0 } ?? false
        // A full disk may be told only here.
        let isClosed = file.map { fclose($0) == 0 } ?? false
        guard isWritten, isClosed else {
            let reason = String(cString: strerror(errno))
            throw CommandLineError(.failure, "\(option) \(path) cannot be written: \(reason).")
        }
    }
}
