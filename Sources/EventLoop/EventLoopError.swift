import Glibc

/// A system call that failed for a reason the caller must hear of.
///
/// What is only "not now" (EAGAIN) is a value, EINTR is retried, and EBADF is our own bug and
/// traps; everything else arrives here.
///
///     bind 127.0.0.1:8001: Address already in use
public struct EventLoopError: Error, CustomStringConvertible, Sendable {
    /// The call, with what it was about: `bind 127.0.0.1:8001`.
    public let call: String
    /// The C error number.
    public let errno: Int32

    public init(_ call: String, errno: Int32 = Glibc.errno) {
        self.call = call
        self.errno = errno
    }

    public var description: String { "\(call): \(String(cString: strerror(errno)))" }

    /// Whether the other side has reset the connection.
    public var isReset: Bool { errno == ECONNRESET }

    /// Of a process that cannot go on: EX_SOFTWARE of sysexits(3).
    public static let exitStatus: Int32 = 70

    /// As a line on stderr, for who ends with `exitStatus`.
    ///
    ///     error: cannot go on: timerfd_settime: Invalid argument.
    public var lastWords: String { "error: cannot go on: \(self).\n" }

    /// Ends the process with its last words, where nobody is left who could do it in better order.
    /// From any thread.
    public func endProcess() -> Never {
        Self.tell("\(self)")
        _exit(Self.exitStatus)
    }

    static func tell(_ reason: String) {
        let bytes = Array("error: cannot go on: \(reason).\n".utf8)
        // Whoever does not take it cannot be told.
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }
}

/// Calls `body` again for as long as a signal interrupts it.
@inline(__always)
func retryingInterrupts(_ body: () -> Int) -> Int {
    while true {
        let result = body()
        if result >= 0 || errno != EINTR { return result }
    }
}
