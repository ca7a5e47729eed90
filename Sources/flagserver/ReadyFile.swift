import Glibc

/// Says where the servers are, once all of them listen: written beside and renamed, so that
/// whoever sees the file sees all of it.
struct ReadyFile {
    let path: String

    /// - Throws: `CommandLineError` with status 73.
    func write(seed: UInt64, servers: [(name: String, url: String, port: UInt16)]) throws {
        let urls = servers.map { "\"\($0.name)\":\"\($0.url)\"" }.joined(separator: ",")
        let ports = servers.map { "\"\($0.name)\":\($0.port)" }.joined(separator: ",")
        let text =
            "{\"pid\":\(getpid()),\"seed\":\(seed),\"urls\":{\(urls)},\"ports\":{\(ports)}}\n"
        // Somebody's pipe or /dev/stdout is written to as it is.
        let temporary = isSpecial ? path : "\(path).\(getpid())"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure() }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count,
            isSpecial || rename(temporary, path) == 0
        else {
            let error = failure()
            if !isSpecial { unlink(temporary) }
            throw error
        }
    }

    /// A file that stays behind, from now or from an earlier run, would call a server ready that
    /// is not.
    func remove() {
        if !isSpecial { unlink(path) }
    }

    /// Whether something else than a regular file stands there.
    private var isSpecial: Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFREG
    }

    private func failure() -> CommandLineError {
        let reason = String(cString: strerror(errno))
        return CommandLineError(.cannotWrite, "cannot write --ready-file '\(path)': \(reason).")
    }
}
