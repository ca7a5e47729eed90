import Glibc
import Testing

@testable import EventLoop

struct ResolverTests {
    private typealias Outcome = Result<[SocketAddress], ResolverError>

    /// A file in memory under a path that libevent can open.
    private struct TextFile {
        let file: MemoryFile
        var path: String { "/proc/self/fd/\(file.descriptor)" }

        init(_ text: String) throws {
            let bytes = Array(text.utf8)
            file = try MemoryFile()
            #expect(pwrite(file.descriptor, bytes, bytes.count, 0) == bytes.count)
        }
    }

    private func resolve(
        _ host: String, _ resolver: Resolver, _ loop: EventLoop,
        meanwhile: () -> Void = {}
    ) -> Outcome? {
        var outcomes: [Outcome] = []
        let resolution = resolver.resolve(host, port: 80) { outcomes.append($0) }
        #expect(outcomes.isEmpty)
        loop.run(until: "an answer for \(host)") {
            meanwhile()
            return !outcomes.isEmpty
        }
        loop.runOnce()
        #expect(outcomes.count == 1)
        return withExtendedLifetime(resolution) { outcomes.first }
    }

    private func texts(_ outcome: Outcome?) -> [String]? {
        (try? outcome?.get())?.map(\.description)
    }

    private func reason(_ outcome: Outcome?) -> ResolverError.Reason? {
        guard case .failure(let error) = outcome else { return nil }
        return error.reason
    }

    /// Lets libevent's resolver go, which waits a moment for the next question.
    private func finish(_ resolver: Resolver, _ loop: EventLoop) {
        loop.run(until: "the end of libevent's resolver") { resolver.servers == nil }
        loop.runOnce()
    }

    @Test func `literals and localhost are answered without asking, after the call`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let resolver = Resolver(on: loop)
        #expect(texts(resolve("127.0.0.1", resolver, loop)) == ["127.0.0.1:80"])
        #expect(texts(resolve("::1", resolver, loop)) == ["[::1]:80"])
        #expect(texts(resolve("localhost", resolver, loop)) == ["127.0.0.1:80", "[::1]:80"])
        #expect(resolver.servers == nil)
    }

    @Test(arguments: ["", ".", "a..b", "a b", "a\0b", "[::1]", String(repeating: "[", count: 999)])
    func `a hostile name is refused and asked of nobody`(host: String) throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let resolver = Resolver(on: loop)
        let outcome = resolve(host, resolver, loop)
        #expect(reason(outcome) == .invalidName)
        #expect(resolver.servers == nil)
    }

    @Test func `the hosts file and the name servers are asked`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let server = try FakeNameServer()
        let literals = ["192.0.2.1", "192.0.2.2", "2001:db8::1"]
        server.addresses["backend.test"] = literals.compactMap { SocketAddress(host: $0, port: 0) }
        let configuration = try TextFile("nameserver \(server.address)\n")
        let hosts = try TextFile("192.0.2.9 here here.test\n")
        let resolver = Resolver(on: loop, configuration: configuration.path, hosts: hosts.path)
        #expect(texts(resolve("here", resolver, loop)) == ["192.0.2.9:80"])
        #expect(server.questions == [])
        let outcome = resolve("backend.test", resolver, loop, meanwhile: server.pump)
        let expected: Set = ["192.0.2.1:80", "192.0.2.2:80", "[2001:db8::1]:80"]
        #expect(texts(outcome).map(Set.init) == expected)
        let missing = resolve("missing.test", resolver, loop, meanwhile: server.pump)
        #expect(reason(missing) == .notFound)
        guard case .failure(let error) = missing else { return }
        #expect("\(error)" == "resolve missing.test: no such host")
        finish(resolver, loop)
    }

    @Test func `no configuration leaves the hosts file, and an error for the rest`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let hosts = try TextFile("192.0.2.9 here\n2001:db8::9 here\n")
        let resolver = Resolver(on: loop, configuration: "/nowhere/at/all", hosts: hosts.path)
        let found = texts(resolve("here", resolver, loop))
        #expect(found.map(Set.init) == ["192.0.2.9:80", "[2001:db8::9]:80"])
        #expect(reason(resolve("there.test", resolver, loop)) == .noNameServer)
        finish(resolver, loop)
    }

    @Test func `no files at all are an error and nothing worse`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let resolver = Resolver(on: loop, configuration: "/nowhere", hosts: "/nowhere")
        #expect(reason(resolve("there.test", resolver, loop)) == .noNameServer)
        finish(resolver, loop)
    }

    @Test func `a list of name servers that cannot be read is not an empty one`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let resolver = Resolver(on: loop, configuration: "/", hosts: "/nowhere")
        #expect(reason(resolve("there.test", resolver, loop)) == .unreadable)
        finish(resolver, loop)
    }

    @Test func `a server that is silent costs the timeout`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let server = try FakeNameServer()
        server.isSilent = true
        let configuration = try TextFile("nameserver \(server.address)\n")
        let resolver = Resolver(
            on: loop, configuration: configuration.path, hosts: "/nowhere", timeout: 30_000_000)
        let start = loop.now
        let outcome = resolve("backend.test", resolver, loop, meanwhile: server.pump)
        #expect(reason(outcome) == .timedOut)
        #expect(loop.now >= start + 30_000_000)
        #expect(!server.questions.isEmpty)
        finish(resolver, loop)
    }

    @Test(arguments: [false, true], [false, true])
    func `one that is cancelled or let go is silent`(isFreed: Bool, hasServer: Bool) throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let server = try FakeNameServer()
        server.addresses["backend.test"] = []
        let configuration = try TextFile("nameserver \(server.address)\n")
        let path = hasServer ? configuration.path : "/nowhere"
        let resolver = Resolver(on: loop, configuration: path, hosts: "/nowhere")
        for host in ["backend.test", "127.0.0.1", "a b"] {
            var resolution: Resolution? = resolver.resolve(host, port: 80) { _ in
                Issue.record("\(host) is not silent")
            }
            if isFreed { resolution = nil } else { resolution?.cancel() }
            server.pump()
            loop.runOnce()
            resolution = nil
        }
        finish(resolver, loop)
    }

    @Test func `a resolver may go before its answers`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let server = try FakeNameServer()
        server.addresses["backend.test"] = [
            try #require(SocketAddress(host: "192.0.2.1", port: 0))
        ]
        let configuration = try TextFile("nameserver \(server.address)\n")
        var resolver: Resolver? = Resolver(
            on: loop, configuration: configuration.path, hosts: "/nowhere")
        weak var servers: NameServers?
        var outcome: Outcome?
        let resolution = resolver?.resolve("backend.test", port: 80) { outcome = $0 }
        servers = resolver?.currentServers()
        resolver = nil
        loop.run(until: "the answer") {
            server.pump()
            return outcome != nil
        }
        #expect(texts(outcome) == ["192.0.2.1:80"])
        loop.run(until: "the end of libevent's resolver") { servers == nil }
        withExtendedLifetime(resolution) {}
    }
}
