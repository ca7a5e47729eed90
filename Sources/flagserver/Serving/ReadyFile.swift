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
    private let patience: Int32
    /// Device and inode of what we have written.
    private var own: (dev_t, ino_t)?

    /// - Parameter patience: how long a pipe may be full, in milliseconds.
    init(path: String, patience: Int32 = 2000) {
        (self.path, self.patience) = (path, patience)
    }

    /// Before anything listens: a path where nothing can be written is told at once.
    ///
    /// - Throws: `CommandLineError` with status 73.
    func check() throws {
        if kind == S_IFDIR { throw failure(EISDIR) }
        guard !isSpecial else { return }
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        if access(folder, W_OK | X_OK) != 0 { throw failure(errno) }
    }

    /// Never waits for somebody who reads a FIFO.
    ///
    /// - Throws: `CommandLineError` with status 73.
    func write(seed: UInt64, servers: [Place]) throws {
        let bytes = Array("{\(Self.members(seed: seed, servers))}\n".utf8)
        // Somebody's pipe or /dev/stdout is written to as it is; what is in /dev/shm is a file.
        if isSpecial { try write(bytes) } else { try replace(with: bytes) }
    }

    private func write(_ bytes: [UInt8]) throws {
        // Behind what a file that is standard output holds already. A FIFO that nobody reads would
        // hold us for ever, deaf to every signal.
        let descriptor = open(path, O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(errno) }
        defer { close(descriptor) }
        let error = write(bytes, to: descriptor)
        guard error == 0 else { throw failure(error) }
    }

    private func replace(with bytes: [UInt8]) throws {
        // A name that nobody can have prepared, with a link to something else.
        let name = String(UInt64.random(in: .min ... .max), radix: 16)
        let temporary = "\(path).\(name)"
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let descriptor = open(temporary, flags, 0o644)
        guard descriptor >= 0 else { throw failure(errno) }
        var error = write(bytes, to: descriptor)
        var status = stat()
        if error == 0, fstat(descriptor, &status) != 0 { error = errno }
        // A full disk may be told only here.
        if close(descriptor) != 0, error == 0 { error = errno }
        if error == 0, rename(temporary, path) != 0 { error = errno }
        guard error == 0 else {
            unlink(temporary)
            throw failure(error)
        }
        own = (status.st_dev, status.st_ino)
    }

    /// - Returns: 0, or the C error number.
    private func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if count == 0 {
                return EIO
            } else if errno == EAGAIN {
                var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                let isReady = poll(&wait, 1, patience)
                if isReady == 0 { return ETIMEDOUT }
                if isReady < 0, errno != EINTR { return errno }
            } else if errno != EINTR {
                return errno
            }
        }
        return 0
    }

    /// What it says, without the braces around it.
    static func members(seed: UInt64, _ servers: [Place]) -> String {
        let urls = servers.map { "\($0.name.asJSON):\($0.url.asJSON)" }.joined(separator: ",")
        let ports = servers.map { "\($0.name.asJSON):\($0.port)" }.joined(separator: ",")
        return "\"pid\":\(getpid()),\"seed\":\(seed),\"urls\":{\(urls)},\"ports\":{\(ports)}"
    }

    /// A file that stays behind would call a server ready that has gone. One that another server
    /// has put there since is left alone.
    ///
    /// - Throws: `CommandLineError` if it stays.
    func remove() throws {
        var status = stat()
        guard let own else { return }
        guard stat(path, &status) == 0 else { return try gone() }
        guard own == (status.st_dev, status.st_ino) else { return }
        if unlink(path) != 0 { try gone() }
        self.own = nil
    }

    /// - Throws: `CommandLineError` if the last call failed for another reason than that there is
    ///   no such file any more.
    private func gone() throws {
        guard errno != ENOENT, errno != ENOTDIR else { return }
        let reason = String(cString: strerror(errno))
        throw CommandLineError(
            .cannotWrite, "cannot remove --ready-file '\(path)': \(reason). Delete it by hand.")
    }

    /// Whether it is not for us to replace: something else than a regular file, or a descriptor,
    /// whatever that leads to.
    private var isSpecial: Bool {
        isDescriptor || kind.map { $0 != S_IFREG } ?? false
    }

    /// Whether it is what the system calls a descriptor, `/dev/stdout` or `/proc/self/fd/3`.
    private var isDescriptor: Bool {
        let parts = path.split(separator: "/")
        guard path.hasPrefix("/"), parts.count > 1 else { return false }
        let folder = parts[parts.count - 2]
        if parts[0] == "proc" { return folder == "fd" }
        guard parts[0] == "dev" else { return false }
        return parts.count == 2 ? parts[1].hasPrefix("std") : parts.count == 3 && folder == "fd"
    }

    /// Of the file that is there: `S_IFREG`, `S_IFIFO`; nil if there is none.
    private var kind: mode_t? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
    }

    private func failure(_ error: Int32) -> CommandLineError {
        let reason = String(cString: strerror(error))
        return CommandLineError(
            .cannotWrite, "cannot write --ready-file '\(path)': \(reason).\(advice(error))")
    }

    /// What to do about it, behind a blank; empty: nothing that we know of.
    private func advice(_ error: Int32) -> String {
        switch error {
        case ENXIO where kind == S_IFIFO:
            " No program reads from it; start the reader first."
        case ENXIO where kind == S_IFSOCK: " It is a socket; name a file or a FIFO."
        case ETIMEDOUT: " Whoever reads from it has to go on reading."
        case ENOENT where isDescriptor, EBADF: " That descriptor is not open."
        case ENOENT: " Make its folder first."
        case ENOTDIR: " What should be its folder is a file."
        case EISDIR: " Name a file in it."
        case EACCES, EPERM, EROFS: " Name a file where you may write."
        default: ""
        }
    }
}
