import ChaosProxy
import EventLoop
import Glibc
import Testing

@testable import flagserver

struct FreePortsTests {
    private func busy(_ port: UInt16) throws -> ProxyError {
        .bind(
            try #require(SocketAddress(host: "127.0.0.1", port: port)),
            EventLoopError("bind", errno: EADDRINUSE))
    }

    private func found(_ ports: FreePorts, taken: Set<UInt16> = []) throws -> UInt16 {
        var found: UInt16 = 0
        let errors = try Dictionary(uniqueKeysWithValues: taken.map { ($0, try busy($0)) })
        try ports.bind(0) { port throws(ProxyError) in
            if let error = errors[port] { throw error }
            found = port
        }
        return found
    }

    @Test func `without a range the kernel chooses`() throws {
        #expect(try found(FreePorts()) == 0)
    }

    @Test func `each port of a range has its turn, and those that are taken are left out`() throws {
        let ports = FreePorts(20_000...20_003)
        #expect(try found(ports) == 20_000)
        #expect(try found(ports, taken: [20_001]) == 20_002)
        #expect(try (0..<3).map { _ in try found(ports) } == [20_003, 20_000, 20_001])
        #expect(throws: ProxyError.self) {
            try found(ports, taken: [20_000, 20_001, 20_002, 20_003])
        }
    }

    @Test func `a port that is asked for is the one`() throws {
        var ports: [UInt16] = []
        try FreePorts(20_000...20_003).bind(9000) { port throws(ProxyError) in ports.append(port) }
        #expect(ports == [9000])
    }
}
