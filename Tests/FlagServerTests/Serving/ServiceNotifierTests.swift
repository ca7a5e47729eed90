import Glibc
import Testing

@testable import flagserver

/// What systemd would read: a datagram socket under a name.
private final class ServiceManager {
    let descriptor: Int32

    /// - Parameter name: a path, or with `@` in front a name that is in no file system.
    init(_ name: String) throws {
        let kind = SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue
        descriptor = socket(AF_UNIX, Int32(kind), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = name.hasPrefix("@") ? [0] + name.utf8.dropFirst() : Array(name.utf8) + [0]
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let length = socklen_t(2 + bytes.count)
        let result = withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length)
            }
        }
        try #require(result == 0)
    }

    deinit { close(descriptor) }

    /// The next message; nil if there is none now.
    func next() -> String? {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
        return count < 0 ? nil : String(decoding: bytes[..<count], as: UTF8.self)
    }
}

struct ServiceNotifierTests {
    private func made(_ variables: [String: String]) -> ServiceNotifier? {
        ServiceNotifier { variables[$0] }
    }

    private func checkMessages(_ manager: ServiceManager, _ notifier: ServiceNotifier) {
        notifier.ready("5 servers are listening")
        notifier.reloading(now: 1_234_567_899)
        notifier.alive()
        notifier.stopping()
        #expect(manager.next() == "READY=1\nSTATUS=5 servers are listening")
        #expect(manager.next() == "RELOADING=1\nMONOTONIC_USEC=1234567")
        #expect(manager.next() == "WATCHDOG=1")
        #expect(manager.next() == "STOPPING=1")
        #expect(manager.next() == nil)
    }

    @Test func `each state is a datagram to the socket at its path`() throws {
        let directory = TemporaryDirectory()
        let manager = try ServiceManager(directory.file("notify"))
        let notifier = try #require(made(["NOTIFY_SOCKET": directory.file("notify")]))
        checkMessages(manager, notifier)
    }

    @Test func `a socket may be in no file system`() throws {
        let name = "@flagserver-test-\(getpid())"
        let manager = try ServiceManager(name)
        checkMessages(manager, try #require(made(["NOTIFY_SOCKET": name])))
    }

    @Test(arguments: [
        "", "/", "@", "relative", "vsock:2:1234", "/" + String(repeating: "x", count: 107),
    ])
    func `a name that is none is not told anything`(name: String) {
        #expect(made(["NOTIFY_SOCKET": name]) == nil)
    }

    @Test func `without a socket nobody is told`() {
        #expect(made(["WATCHDOG_USEC": "1000"]) == nil)
    }

    @Test func `nobody listening, or nobody reading, does no harm`() throws {
        let directory = TemporaryDirectory()
        let path = directory.file("notify")
        let notifier = try #require(made(["NOTIFY_SOCKET": path]))
        notifier.ready("nobody")
        let manager = try ServiceManager(path)
        // Far more than the kernel keeps for a reader: none of them may block.
        for _ in 0..<10_000 { notifier.alive() }
        #expect(manager.next() == "WATCHDOG=1")
    }

    @Test(
        arguments: [
            (["WATCHDOG_USEC": "1000"], 1000), (["WATCHDOG_USEC": "0"], nil), ([:], nil),
            (["WATCHDOG_USEC": "soon"], nil),
            (["WATCHDOG_USEC": "1000", "WATCHDOG_PID": "\(getpid())"], 1000),
            (["WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1"], nil),
            (["WATCHDOG_USEC": "1000", "WATCHDOG_PID": "x"], nil),
        ] as [([String: String], UInt64?)])
    func `the watchdog is fed if it is ours`(variables: [String: String], period: UInt64?) throws {
        let all = variables.merging(["NOTIFY_SOCKET": "@nobody"]) { $1 }
        #expect(try #require(made(all)).watchdogPeriod == period)
    }
}
