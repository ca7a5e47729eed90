import ChaosProxy
import EventLoop
import Faults
import Glibc
import HTTPWire
import TestSupport
import Testing

@testable import flagserver

/// A configuration file that is read again, before real proxies on free ports.
@Suite struct ReloadTests {
    private final class Running {
        let folder = TemporaryDirectory()
        let loop: EventLoop
        let registry: ProxyRegistry
        let sources: OptionSources
        private(set) var settings: Settings

        /// Starts what a file says: ERROR, and its proxies.
        init(_ text: String, _ arguments: [String] = []) throws {
            let loop = try EventLoop()
            self.loop = loop
            let environment = ProxyEnvironment(date: 0) { Instant(nanoseconds: loop.now) }
            let dialer = Dialer(on: loop)
            environment.dial = { dialer.dial($0, for: $1, completion: $2) }
            registry = ProxyRegistry(loop: loop, limits: []) { specification, backend in
                Proxy(
                    name: specification.name, protocol: specification.protocol ?? .tcp,
                    upstream: .address(backend), toxics: specification.toxics,
                    mix: specification.mix, environment: environment,
                    requestLimits: specification.limits)
            }
            let path = try folder.write("c.yaml", text)
            sources = try OptionSources(["--config", path] + arguments) { _ in nil }
            settings = try Settings(sources)
            let error = Proxy(
                name: "error", upstream: .site { _ in .made(HTTPResponse(204)) },
                toxics: FlagServers.toxics(of: .error, settings),
                mix: FlagServers.mix(of: .error, settings), environment: environment,
                requestLimits: FlagServers.limits(of: .error, settings))
            try registry.add(builtIn: error, listen: ListenAddress(.loopbacks, port: 0))
            for proxy in settings.proxies { try registry.create(proxy, origin: .start) }
        }

        deinit {
            for found in registry.proxies { found.proxy.stopListening() }
        }

        /// Writes the file anew and reads it.
        ///
        /// - Returns: what is told, without the folder.
        @discardableResult
        func reload(_ text: String?) throws -> [String] {
            if let text { try folder.write("c.yaml", text) }
            let outcome = Reload(settings, sources).apply(to: registry)
            settings = outcome.settings
            return outcome.messages.map { $0.replacing("\(folder.path)/", with: "") }
        }

        /// Runs the loop until something is so; gives up after ten seconds.
        func run(until isDone: @escaping () -> Bool) { #expect(loop.run(until: isDone)) }

        func port(_ name: String) -> UInt16? { registry[name]?.proxy.addresses.first?.port }

        func toxics(_ name: String) -> [String]? { registry[name]?.proxy.toxics.map(\.name) }

        /// All that can be seen of the proxies.
        var state: [String] {
            registry.proxies.map { found in
                "\(found.name) \(found.listenText) \(found.upstreamText) \(found.isEnabled) "
                    + "\(found.proxy.protocol) \(found.proxy.toxics.map(\.name)) "
                    + "\(String(describing: found.proxy.mix)) \(found.proxy.requestLimits)"
            }
        }
    }

    /// A line of `proxies`.
    private static func proxy(
        _ name: String, _ listen: String = "127.0.0.1:0", _ rest: String = ""
    ) -> String {
        "- {name: \(name), listen: \"\(listen)\", upstream: \"127.0.0.1:9\"\(rest)}\n"
    }

    private let error = "- {name: error, toxics: [{type: noop}]}\n"

    @Test func `toxics, mixes and limits of a flag server change while it runs`() throws {
        let running = try Running("")
        let proxy = running.registry["error"]?.proxy
        #expect(running.toxics("error") == ["respond_upstream", "latency_downstream"])
        #expect(
            try running.reload("proxies:\n\(error)") == ["reloaded c.yaml: 1 proxy changed"])
        #expect(running.toxics("error") == ["noop_downstream"])
        // LOCAL, DELAY, CHAOS and FAULT, too.
        #expect(
            try running.reload("max-concurrency: 5\nproxies:\n\(error)")
                == ["reloaded c.yaml: 5 proxies changed"])
        #expect(proxy?.requestLimits.maxConcurrency == 5)
        try running.reload("proxies: [{name: error, behavior: \"25:error\"}]")
        #expect(proxy?.mix?.description == "25:error")
        #expect(proxy?.toxics.isEmpty == true)
        #expect(proxy?.requestLimits.maxConcurrency == nil)
        #expect(running.registry["error"]?.proxy === proxy)
        try running.registry.reset()
        #expect(proxy?.mix?.description == "25:error")
    }

    @Test func `proxies come, change and go`() throws {
        let running = try Running("proxies:\n" + Self.proxy("a") + Self.proxy("b"))
        let (first, port) = (running.registry["a"]?.proxy, running.port("a"))
        let told = try running.reload(
            "proxies:\n" + Self.proxy("a", "127.0.0.1:0", ", toxics: [{type: noop}]")
                + Self.proxy("c"))
        #expect(told == ["reloaded c.yaml: 1 proxy changed, 1 added, 1 removed"])
        #expect(running.registry.proxies.map(\.name) == ["error", "a", "c"])
        #expect(running.toxics("a") == ["noop_downstream"])
        #expect(running.registry["a"]?.proxy === first)
        #expect(running.port("a") == port)
        #expect(running.port("c") != nil)
        try running.registry.reset()
        #expect(running.toxics("a") == ["noop_downstream"])
        #expect(try running.reload(nil) == ["reloaded c.yaml: nothing changed"])
    }

    @Test func `an upstream changes in place, a listener or a protocol anew`() throws {
        let running = try Running("proxies:\n" + Self.proxy("a") + Self.proxy("b"))
        let first = running.registry["a"]?.proxy
        let upstream = "- {name: a, listen: \"127.0.0.1:0\", upstream: \"127.0.0.1:10\"}\n"
        try running.reload("proxies:\n" + upstream + Self.proxy("b"))
        #expect(running.registry["a"]?.proxy === first)
        #expect(running.registry["a"]?.upstreamText == "127.0.0.1:10")
        try running.reload(
            "proxies:\n" + upstream + Self.proxy("b", "127.0.0.1:0", ", protocol: http"))
        #expect(running.registry["b"]?.proxy.protocol == .http)
        #expect(running.registry["a"]?.proxy === first)
        let port = try #require(running.port("b"))
        try running.reload(
            "proxies:\n" + upstream + Self.proxy("b", "[::1]:0", ", protocol: http"))
        #expect(running.registry["b"]?.listenText.hasPrefix("[::1]:") == true)
        // The old port is free again.
        try running.registry.create(
            ProxySpecification(name: "x", listen: "127.0.0.1:\(port)", upstream: "127.0.0.1:9"))
    }

    @Test func `open connections stay unless their own proxy leads elsewhere`() throws {
        let backend = try BusyPort()
        func proxy(_ name: String, _ rest: String = "") -> String {
            "- {name: \(name), listen: \"127.0.0.1:0\", upstream: \"127.0.0.1:"
                + "\(backend.port)\"\(rest)}\n"
        }
        let running = try Running("proxies:\n" + proxy("a") + proxy("b"))
        let (first, second) = try (
            Client(try #require(running.port("a"))), Client(try #require(running.port("b")))
        )
        let proxies = ["a", "b"].compactMap { running.registry[$0]?.proxy }
        running.run { proxies.allSatisfy { $0.counters.connections == 1 } }
        try running.reload("proxies:\n" + proxy("a", ", toxics: [{type: noop}]") + Self.proxy("b"))
        running.run { second.isEnded && proxies[1].counters.connections == 0 }
        #expect(!first.isEnded)
        #expect(proxies[0].counters.connections == 1)
    }

    @Test func `a proxy is switched off and on`() throws {
        let running = try Running("proxies:\n" + Self.proxy("a"))
        try running.reload("proxies:\n" + Self.proxy("a", "127.0.0.1:0", ", enabled: false"))
        #expect(running.registry["a"]?.isEnabled == false)
        try running.reload("proxies:\n" + Self.proxy("a"))
        #expect(running.registry["a"]?.isEnabled == true)
    }

    @Test func `two proxies exchange their ports`() throws {
        let (first, second) = try (freePort(), freePort())
        let running = try Running(
            "proxies:\n" + Self.proxy("a", "127.0.0.1:\(first)")
                + Self.proxy("b", "127.0.0.1:\(second)"))
        let told = try running.reload(
            "proxies:\n" + Self.proxy("a", "127.0.0.1:\(second)")
                + Self.proxy("b", "127.0.0.1:\(first)"))
        #expect(told == ["reloaded c.yaml: 2 proxies changed"])
        #expect(running.port("a") == second)
        #expect(running.port("b") == first)
    }

    @Test func `a new proxy takes the port of one that goes`() throws {
        let port = try freePort()
        let running = try Running("proxies:\n" + Self.proxy("a", "127.0.0.1:\(port)"))
        #expect(
            try running.reload("proxies:\n" + Self.proxy("b", "127.0.0.1:\(port)"))
                == ["reloaded c.yaml: 1 proxy added, 1 removed"])
        #expect(running.port("b") == port)
        #expect(running.registry["a"] == nil)
    }

    // MARK: All or nothing

    @Test func `a port that is taken leaves everything as it was`() throws {
        let (free, busy) = try (freePort(), BusyPort())
        let running = try Running(
            "proxies:\n" + Self.proxy("a", "127.0.0.1:\(free)") + Self.proxy("b"))
        let state = running.state
        for taking in ["127.0.0.1:\(free)", "127.0.0.1:0"] {
            // A proxy that could be had, one that changes and one that goes come with it.
            let told = try running.reload(
                "max-concurrency: 3\nproxies:\n" + error + Self.proxy("c", taking)
                    + Self.proxy("b", "127.0.0.1:0", ", toxics: [{type: noop}]")
                    + Self.proxy("d", "127.0.0.1:\(busy.port)"))
            #expect(told.count == 1)
            #expect(
                told.first?.hasPrefix(
                    "error: not reloaded, the old configuration stays: port \(busy.port) is "
                        + "already in use") == true)
            #expect(running.state == state)
        }
        #expect(running.settings.limits.maxConcurrency == nil)
        let told = try running.reload("proxies:\n" + Self.proxy("b"))
        #expect(told == ["reloaded c.yaml: 1 proxy removed"])
    }

    @Test func `ports that had to be given up are taken back`() throws {
        let (free, busy) = try (freePort(), BusyPort())
        let running = try Running(
            "proxies:\n" + Self.proxy("a", "127.0.0.1:\(free)")
                + Self.proxy("b", "127.0.0.2:\(busy.port)"))
        let state = running.state
        // b leaves 127.0.0.2, but 127.0.0.1 is another program's.
        let told = try running.reload(
            "proxies:\n" + Self.proxy("a", "127.0.0.1:\(busy.port)")
                + Self.proxy("b", "127.0.0.1:\(free)"))
        #expect(told.first?.contains("port \(busy.port) is already in use") == true)
        #expect(running.state == state)
        #expect(running.registry.proxies.allSatisfy { $0.isEnabled })
    }

    @Test func `a file that is broken or gone leaves everything as it was`() throws {
        let running = try Running("proxies:\n" + Self.proxy("a"))
        let state = running.state
        #expect(
            try running.reload("proxies: [{name: NO}]") == [
                "error: not reloaded, the old configuration stays: c.yaml:1:18: expected text, "
                    + "found the Boolean NO. Quote it: \"NO\"."
            ])
        #expect(running.state == state)
        unlink(running.folder.file("c.yaml"))
        #expect(
            try running.reload(nil) == [
                "error: not reloaded, the old configuration stays: configuration file 'c.yaml' "
                    + "does not exist."
            ])
        #expect(running.state == state)
    }

    @Test func `a proxy that would lead to itself is refused before anything changes`() throws {
        let port = try freePort()
        let running = try Running("proxies:\n" + Self.proxy("a"))
        let state = running.state
        let told = try running.reload(
            "proxies:\n- {name: b, listen: \"127.0.0.1:\(port)\", upstream: "
                + "\"127.0.0.1:\(port)\"}\n")
        #expect(told.first?.contains("leads back to the proxy itself: b -> b") == true)
        #expect(running.state == state)
    }

    // MARK: The API's

    @Test func `what was made or changed through the API stays`() throws {
        let running = try Running("proxies:\n" + Self.proxy("a") + Self.proxy("b"))
        try running.registry.create(
            ProxySpecification(name: "mine", listen: "127.0.0.1:0", upstream: "127.0.0.1:9"))
        let error = try #require(running.registry["error"])
        try running.registry.set(toxics: [Toxic(.noop(Noop()), stream: .upstream)], of: error)
        try running.registry.delete("a")
        #expect(
            try running.reload("seed: 3\nproxies:\n" + Self.proxy("a") + Self.proxy("b"))
                == ["warning: seed changes at the next start"])
        #expect(running.registry.proxies.map(\.name) == ["error", "b", "mine"])
        #expect(running.toxics("error") == ["noop_upstream"])
        let state = running.state
        let told = try running.reload("proxies:\n" + Self.proxy("mine"))
        #expect(
            told.first == "error: not reloaded, the old configuration stays: a proxy 'mine' was "
                + "made through the API. Delete it there, or choose another name.")
        #expect(running.state == state)
    }

    // MARK: Only at a start

    @Test func `what only a start can change is named, as long as it differs`() throws {
        let running = try Running("seed: 1\nports: 0\n")
        let text = "seed: 2\nports: 9001,9002,9003,9004\ngrace: 1s\njournal: x\ncors: true\n"
        for _ in 1...2 {
            #expect(
                try running.reload(text) == [
                    "warning: ports, seed, control, cors, journal and grace change at the next "
                        + "start"
                ])
        }
        #expect(running.settings.seed == 1)
        #expect(running.settings.ports[.local] == 0)
        #expect(running.settings.grace == 5_000_000_000)
        #expect(running.settings.journal == nil)
        #expect(try running.reload("seed: 1\nports: 0\n") == ["reloaded c.yaml: nothing changed"])
    }

    @Test func `what means the same waits for nothing`() throws {
        let running = try Running("")
        let text = "grace: 5000ms\nbind: localhost\ncontrol-bind: localhost\n"
        for _ in 1...2 {
            #expect(try running.reload(text) == ["reloaded c.yaml: nothing changed"])
        }
    }

    @Test func `a seed that was drawn stays, and what is typed goes on to weigh more`() throws {
        let running = try Running("", ["--error-rate", "1", "--delay-rate", "0"])
        let seed = running.settings.seed
        #expect(
            try running.reload("error-rate: 0.5") == ["reloaded c.yaml: nothing changed"])
        #expect(running.settings.seed == seed)
        #expect(running.settings.errorRate.fraction == 1)
    }

    @Test func `without a file there is nothing to reload`() throws {
        let sources = try OptionSources([]) { _ in nil }
        let running = try Running("")
        let outcome = Reload(try Settings(sources), sources).apply(to: running.registry)
        #expect(outcome.messages.isEmpty)
        #expect(outcome.isDone)
    }
}

/// A port of 127.0.0.1 that another socket listens on.
private final class BusyPort {
    let port: UInt16
    private let descriptor: Int32

    /// - Parameter port: 0 for any.
    init(_ port: UInt16 = 0) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.descriptor = descriptor
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) + listen(descriptor, 1)
                    + getsockname(descriptor, $0, &size)
            }
        }
        self.port = UInt16(bigEndian: address.sin_port)
        guard status == 0 else { throw Taken() }
    }

    struct Taken: Error {}

    deinit { close(descriptor) }
}

/// A connection to 127.0.0.1 that says nothing.
private final class Client {
    private let descriptor: Int32

    init(_ port: UInt16) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.descriptor = descriptor
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        #expect(status == 0)
    }

    deinit { close(descriptor) }

    /// Whether the other end has sent its FIN, or a reset.
    var isEnded: Bool {
        var byte: UInt8 = 0
        let count = recv(descriptor, &byte, 1, Int32(MSG_DONTWAIT))
        return count == 0 || count < 0 && errno != EAGAIN
    }
}

/// A port that nobody listens on at the moment, of those that the kernel gives to nobody who asks
/// for any: tests beside this one do not take it meanwhile.
private func freePort() throws -> UInt16 {
    let ports = (0..<100).map { _ in UInt16.random(in: 10_000..<32_000) }
    return try #require(ports.lazy.compactMap { try? BusyPort($0).port }.first)
}
