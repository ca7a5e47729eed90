import EventLoop
import Glibc

/// Tells systemd how the service stands (sd_notify(3)): a datagram to the socket in
/// `NOTIFY_SOCKET`. Never blocks; what cannot be told is not worth an error. Loop thread only.
final class ServiceNotifier {
    /// How often systemd wants to hear that we live, in microseconds; nil if it does not ask.
    let watchdogPeriod: UInt64?

    private let descriptor: Int32
    private let address: [UInt8]

    /// - Parameter variable: the value of an environment variable.
    /// - Returns: nil if nobody wants to be told.
    init?(variable: (String) -> String?) {
        guard let path = variable("NOTIFY_SOCKET"), let address = Self.address(path) else {
            return nil
        }
        let kind = SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        descriptor = socket(AF_UNIX, Int32(kind), 0)
        guard descriptor >= 0 else { return nil }
        self.address = address
        let isForUs = variable("WATCHDOG_PID").map { pid_t($0) == getpid() } ?? true
        let period = variable("WATCHDOG_USEC").flatMap(UInt64.init)
        watchdogPeriod = isForUs ? period.flatMap { $0 > 0 ? $0 : nil } : nil
    }

    deinit { close(descriptor) }

    /// A path, or with `@` in front a name that is in no file system.
    private static func address(_ path: String) -> [UInt8]? {
        var bytes = Array(path.utf8)
        guard bytes.count > 1, bytes.count < 108, path.hasPrefix("/") || path.hasPrefix("@") else {
            return nil
        }
        if bytes[0] == UInt8(ascii: "@") { bytes[0] = 0 } else { bytes.append(0) }
        return bytes
    }

    // MARK: What is told

    func ready(_ status: String) { send("READY=1\nSTATUS=\(status)") }

    /// - Parameter now: monotonic nanoseconds.
    func reloading(now: UInt64) { send("RELOADING=1\nMONOTONIC_USEC=\(now / 1000)") }

    func stopping() { send("STOPPING=1") }

    func alive() { send("WATCHDOG=1") }

    private func send(_ text: String) {
        var target = sockaddr_un()
        target.sun_family = sa_family_t(AF_UNIX)
        let start = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2
        withUnsafeMutableBytes(of: &target) { bytes in
            UnsafeMutableRawBufferPointer(rebasing: bytes[start...]).copyBytes(from: address)
        }
        let length = socklen_t(start + address.count)
        let bytes = Array(text.utf8)
        _ = withUnsafePointer(to: &target) { target in
            target.withMemoryRebound(to: sockaddr.self, capacity: 1) { target in
                sendto(
                    descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), target, length)
            }
        }
    }
}
