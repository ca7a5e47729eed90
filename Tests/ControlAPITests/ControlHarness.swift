import ChaosProxy
import EventLoop
import Faults
import HTTPWire
import Records
import TestSupport

@testable import ControlAPI

/// A control interface over a registry on a real loop, asked without a connection.
final class ControlHarness {
    let loop: EventLoop
    let environment: ProxyEnvironment
    let registry: ProxyRegistry
    let journal: Journal?
    let control: ControlAPI

    /// An answer, copied out.
    struct Answer {
        let status: Int
        let fields: [HTTPField]
        let body: String

        subscript(name: String) -> String? {
            fields.first { $0.name.lowercased() == name.lowercased() }?.value
        }
    }

    /// - Parameter journal: nil for a server that keeps none.
    init(
        journal: Journal? = Journal(capacity: 100), _ change: (inout APIOptions) -> Void = { _ in }
    ) throws {
        let loop = try EventLoop()
        self.loop = loop
        self.journal = journal
        let environment = ProxyEnvironment(date: 0) { Instant(nanoseconds: loop.now) }
        self.environment = environment
        let dialer = Dialer(on: loop)
        environment.dial = { dialer.dial($0, for: $1, completion: $2) }
        registry = ProxyRegistry(loop: loop, limits: []) { specification, backend in
            Proxy(
                name: specification.name, protocol: specification.protocol ?? .tcp,
                upstream: .address(backend), toxics: specification.toxics,
                mix: specification.mix, environment: environment,
                requestLimits: specification.limits)
        }
        var options = APIOptions()
        (options.identitySeed, options.seed, options.loop) = (1, 42, loop)
        options.scanTurns = ScanTurns(steps: .max)
        change(&options)
        control = ControlAPI(
            registry: registry, options: options, journal: journal, environment: environment)
    }

    deinit {
        for found in registry.proxies { found.proxy.stopListening() }
    }

    /// A proxy with a site behind it, as the program makes them.
    ///
    /// - Parameter content: of each answer; nil: there is none.
    @discardableResult
    func addSite(
        _ name: String, _ toxics: [Toxic] = [], content: [UInt8]? = nil
    ) throws -> RegisteredProxy {
        let response = content.map { HTTPResponse(200, body: [Bytes($0)]) } ?? HTTPResponse(204)
        let site: Site = { _ in .made(response) }
        let proxy = Proxy(
            name: name, protocol: .http, upstream: .site(site), toxics: toxics,
            environment: environment)
        return try registry.add(builtIn: proxy, listen: ListenAddress(.loopbacks, port: 0))
    }

    // MARK: Requests

    /// - Parameter fields: whole lines, beside Host.
    func send(
        _ line: String, _ body: String = "", host: String? = "localhost:8474",
        fields: [String] = []
    ) throws -> Answer {
        try send(line, Array(body.utf8), host: host, fields: fields)
    }

    func send(
        _ line: String, _ body: [UInt8], host: String? = "localhost:8474", fields: [String] = []
    ) throws -> Answer {
        Self.copy(try answer(line, body, host: host, fields: fields))
    }

    /// What is streamed is not read yet.
    func answer(
        _ line: String, _ body: [UInt8] = [], host: String? = "localhost:8474",
        fields: [String] = []
    ) throws -> SiteAnswer {
        let lines = (host.map { ["Host: \($0)"] } ?? []) + fields
        let version = host == nil ? "HTTP/1.0" : "HTTP/1.1"
        let head = ["\(line) \(version)"] + lines + ["Content-Length: \(body.count)", "", ""]
        return try withRequest(head.joined(separator: "\r\n")) { request in
            body.withUnsafeBytes { content in
                var request = request
                request.content = content
                return control.answer(request)
            }
        }
    }

    private static func copy(_ answer: SiteAnswer) -> Answer {
        switch answer {
        case .prepared(let response):
            return Answer(
                status: Int(response.status.code), fields: response.fields,
                body: response.body.text ?? "")
        case .made(let response):
            let body = response.body.compactMap { $0.text }
            return Answer(
                status: Int(response.status.code), fields: response.fields, body: body.joined())
        case .streamed(let response):
            return Answer(
                status: Int(response.status.code), fields: response.fields,
                body: String(decoding: response.readAll(), as: UTF8.self))
        case .late: return Answer(status: 0, fields: [], body: "")
        }
    }

    /// Makes a proxy on a free port.
    ///
    /// - Returns: its port.
    @discardableResult
    func create(_ name: String, _ rest: String = "") throws -> UInt16 {
        let answer = try send(
            "POST /proxies",
            "{\"name\":\"\(name)\",\"listen\":\"127.0.0.1:0\",\"upstream\":\"127.0.0.1:9\"\(rest)}")
        guard answer.status == 201 else { throw Unexpected(answer: answer) }
        return registry[name]?.proxy.addresses.first?.port ?? 0
    }

    struct Unexpected: Error {
        let answer: Answer
    }

    /// All proxies, as the interface shows them.
    var state: String {
        get throws { try send("GET /proxies").body }
    }
}

extension ResponseStream {
    /// All that there is now.
    func readAll() -> [UInt8] {
        var bytes: [UInt8] = []
        while case .bytes(let piece) = next() { bytes += piece }
        return bytes
    }
}
