internal import CLibevent
import Glibc

/// One pipe between two sockets: bytes go through it without being copied (splice(2)).
final class SplicePipe {
    /// The size that is asked for, in bytes; also what one splice may bring.
    static let largeSize = 1 << 20

    private var readEnd: Int32 = -1
    private var writeEnd: Int32 = -1
    private(set) var isLarge = false
    /// Bytes inside.
    private(set) var count = 0
    /// When the target last took something, in monotonic nanoseconds, while bytes wait inside.
    var lastProgress: UInt64 = 0

    var isOpen: Bool { readEnd >= 0 }

    deinit { close() }

    /// - Returns: false if there are no descriptors or no memory.
    func open(large: Bool) -> Bool {
        var ends: (Int32, Int32) = (-1, -1)
        let result = withUnsafeMutableBytes(of: &ends) {
            pipe_create($0.assumingMemoryBound(to: Int32.self).baseAddress)
        }
        guard result == 0 else { return false }
        (readEnd, writeEnd) = ends
        // Refused (EPERM, ENOMEM), it stays as it is.
        isLarge = large && pipe_set_size(writeEnd, Int32(Self.largeSize)) >= 0
        return true
    }

    func close() {
        guard isOpen else { return }
        Glibc.close(readEnd)
        Glibc.close(writeEnd)
        (readEnd, writeEnd, isLarge, count) = (-1, -1, false, 0)
    }

    /// Takes in what the socket has, as far as there is room.
    ///
    /// - Returns: what splice(2) returns: 0 at the peer's FIN, -1 with errno. Into an empty pipe
    ///   EAGAIN means that the socket is empty.
    func fill(from socket: Int32) -> Int {
        let taken = retryingInterrupts { splice_bytes(socket, writeEnd, Self.largeSize) }
        if taken > 0 { count += taken }
        return taken
    }

    /// Hands to the socket what it takes.
    ///
    /// - Returns: false if the socket has failed.
    func empty(into socket: Int32) -> Bool {
        while count > 0 {
            let sent = retryingInterrupts { splice_bytes(readEnd, socket, count) }
            guard sent > 0 else { return sent < 0 && errno == EAGAIN }
            count -= sent
        }
        return true
    }

    /// Reads everything out, for a sender that goes on by copy.
    ///
    /// - Returns: false, with errno, if the pipe does not give what was put into it.
    func read(into bytes: UnsafeMutableRawBufferPointer) -> Bool {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[done...])
            let got = retryingInterrupts { Glibc.read(readEnd, rest.baseAddress, rest.count) }
            guard got > 0 else { return false }
            done += got
        }
        count -= done
        return true
    }
}
