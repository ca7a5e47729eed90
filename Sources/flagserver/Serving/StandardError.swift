import Glibc

/// What is said to people beside the output.
enum StandardError {
    /// As much as it takes: nobody can be told that it takes no more.
    static func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
    }
}
