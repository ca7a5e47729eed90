import ChaosProxy
import EventLoop
import Glibc
import Testing

@testable import flagserver

/// What is said of a port that cannot be had: its own reason, and no other's.
struct BindingRefusalTests {
    private func refusal(_ call: String, _ errno: Int32) throws -> CommandLineError {
        let address = try #require(SocketAddress(host: "127.0.0.1", port: 81))
        let reason = EventLoopError("\(call) \(address)", errno: errno)
        return CommandLineError(.bind(address, reason), of: "local") { "Use \($0 + 1000)." }
    }

    @Test func `only bind is refused for want of privileges`() throws {
        for errno in [EACCES, EPERM] {
            #expect(try refusal("bind", errno).status == .permission)
            #expect(try refusal("epoll_ctl for", errno).status == .failure)
        }
        #expect(
            try refusal("epoll_ctl for", EPERM).description
                == "cannot listen: epoll_ctl for 127.0.0.1:81: Operation not permitted.")
    }

    @Test func `an option that cannot be set is not a port in use`() throws {
        let error = try refusal("setsockopt for", ENOBUFS)
        #expect(error.status == .failure)
        #expect(
            error.description
                == "cannot listen: setsockopt for 127.0.0.1:81: No buffer space available.")
    }

    @Test func `no room to watch another is named`() throws {
        #expect(
            try refusal("epoll_ctl for", ENOSPC).description
                == "cannot listen: epoll_ctl for 127.0.0.1:81: No space left on device.")
    }
}
