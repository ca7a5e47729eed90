import Glibc
import Records

/// Says where the servers are, once all of them listen: written beside and renamed, so that
/// whoever sees the file sees all of it.
final class ReadyFile {
    /// Something that listens.
    struct Place {
        let name: String
        let url: String
        let port: UInt16
    }

    private let path: String
    /// Device and inode of what we have written.
    private var own: (dev_t, ino_t)?

    init(path: String) {
        self.path = path
    }

    /// - Throws: `CommandLineError` with status 73.
    func write(seed: UInt64, servers: [Place]) throws {
        let urls = servers.map { "\($0.name.asJSON):\($0.url.asJSON)" }.joined(
            separator: ",")
        let ports = servers.map { "\($0.name.asJSON):\($0.port)" }.joined(separator: ",")
        let text =
            "{\"pid\":\(getpid()),\"seed\":\(seed),\"urls\":{\(urls)},\"ports\":{\(ports)}}\n"
        // Somebody's pipe or /dev/stdout is written to as it is.
        let temporary = isSpecial ? path : "\(path).\(getpid())"
        // Behind what a file that is standard output holds already.
        let way = isSpecial ? O_APPEND : O_TRUNC
        let descriptor = open(temporary, O_WRONLY | O_CREAT | way | O_CLOEXEC, 0o644)
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
        var status = stat()
        if !isSpecial, fstat(descriptor, &status) == 0 { own = (status.st_dev, status.st_ino) }
    }

    /// A file that stays behind would call a server ready that has gone. One that another server
    /// has put there since is left alone.
    func remove() {
        var status = stat()
        guard let own, stat(path, &status) == 0, own == (status.st_dev, status.st_ino) else {
            return
        }
        unlink(path)
        self.own = nil
    }

    /// Whether it is not for us to replace: something else than a regular file, or what the system
    /// has there, `/dev/stdout`, whatever that leads to.
    private var isSpecial: Bool {
        guard !path.hasPrefix("/dev/"), !path.hasPrefix("/proc/") else { return true }
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFREG
    }

    private func failure() -> CommandLineError {
        let reason = String(cString: strerror(errno))
        return CommandLineError(.cannotWrite, "cannot write --ready-file '\(path)': \(reason).")
    }
}
