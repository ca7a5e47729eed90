import Glibc
import Testing

/// A pipe of the smallest size, whose reader takes what and when the test says.
final class Pipe {
    /// How long a reader waits for what does not come, in milliseconds.
    private static let patience: Int32 = 10_000
    /// `F_SETPIPE_SZ`, which C makes of an expression that Swift cannot import.
    private static let setSize: Int32 = 1031

    let reader: Int32
    let writer: Int32

    init(isBlocking: Bool = true) throws {
        (reader, writer) = try Self.ends()
        _ = fcntl(writer, Self.setSize, 4096)
        if !isBlocking { _ = fcntl(writer, F_SETFL, O_NONBLOCK) }
    }

    deinit {
        close(reader)
        close(writer)
    }

    /// Descriptors that no program started by another test inherits for long.
    static func ends() throws -> (reader: Int32, writer: Int32) {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    /// Bytes that could be read now.
    var waiting: Int {
        var count: Int32 = 0
        return ioctl(reader, UInt(FIONREAD), &count) == 0 ? Int(count) : -1
    }

    /// Reads until what was read ends in `end`, or until nothing comes any more.
    func read(through end: String) -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while !bytes.suffix(end.utf8.count).elementsEqual(end.utf8) {
            var wait = pollfd(fd: reader, events: Int16(POLLIN), revents: 0)
            let isReady = poll(&wait, 1, Self.patience)
            if isReady < 0, errno == EINTR { continue }
            guard isReady > 0 else { break }
            let count = Glibc.read(reader, &buffer, buffer.count)
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
