public import ChaosProxy
public import EventLoop
public import Faults
public import HTTPWire
import Records

/// Toxiproxy's and Vaurien's interfaces over one registry of proxies. A site like any other; loop
/// thread only.
public final class ControlAPI {
    /// How many records the journal's file did not get.
    public var droppedRecords: () -> UInt64 = { 0 }
    /// Hears of every call of a route; nil if nobody does.
    public var onCall: ((ControlCall) -> Void)?
    /// The flags' files, for the page; nil if there are none.
    public var flags: FlagPictures?
    /// Whose request is being answered.
    public var asker: () -> SocketAddress? = { nil }
    /// Of one request, about keys that there are not.
    private static let mostWarnings = 8
    let registry: ProxyRegistry
    let options: APIOptions
    let readers: EventReaders
    let replays = ReplayPlaces()
    let environment: ProxyEnvironment?
    private let journal: Journal?
    private var identity: RequestIdentity

    /// Of this program.
    static var version: String {
        String(HTTPSerializer.server.drop { $0 != "/" }.dropFirst())
    }

    /// - Parameters:
    ///   - journal: nil if none is kept: what reads it is then not there.
    ///   - environment: has what clients have under way at all proxies; nil: that is not told.
    public init(
        registry: ProxyRegistry, options: APIOptions = APIOptions(), journal: Journal? = nil,
        environment: ProxyEnvironment? = nil
    ) {
        (self.registry, self.options) = (registry, options)
        (self.journal, self.environment) = (journal, environment)
        readers = EventReaders(registry, environment, seed: options.seed)
        identity = RequestIdentity(seed: options.identitySeed)
    }

    // MARK: Readers of events

    /// Whether anybody reads `/events`, so that `tick` has something to do.
    public var hasReaders: Bool { !readers.isEmpty }

    /// Lets the readers of `/events` have what is new; to be called four times a second.
    public func tick(at now: Instant) { readers.tick(at: now) }

    /// Tells the readers of `/events` that the proxies were changed in another way than over this
    /// interface.
    public func noteChange() { readers.noteChange() }

    // MARK: Configuration

    /// Makes the proxies of a configuration file: Toxiproxy's JSON array, in which proxies may have
    /// toxics. Their toxics come back with a reset.
    ///
    /// - Returns: how many there are in it.
    /// - Throws: what is wrong, to be shown. If that is a port, those before it are made.
    @discardableResult
    public func populate(_ bytes: [UInt8]) throws -> Int {
        let specifications = try bytes.withUnsafeBytes {
            try ProxyCoding.specifications(JSONReader.read($0), options, unknownKeys)
        }
        let (done, error) = registry.populate(specifications, origin: .start)
        if let error { throw error }
        return done.count
    }

    // MARK: Requests

    /// The peer does not look at them.
    private var unknownKeys: JSONFields.UnknownKeys {
        guard options.mode == .toxiproxy else { return .refused }
        var told = 0
        return .told { [environment] text in
            told += 1
            if told <= Self.mostWarnings { environment?.onWarning("\(text.prefix(300))") }
        }
    }

    /// No cache may keep what is true only now, errors and refusals included.
    public func answer(_ request: HTTPRequest) -> SiteAnswer {
        Self.uncached(routed(request))
    }

    /// Streams say so themselves, and what comes late comes through here again.
    private static func uncached(_ answer: SiteAnswer) -> SiteAnswer {
        guard case .made(var response) = answer else { return answer }
        response.fields.append(HTTPField("Cache-Control", "no-store"))
        return .made(response)
    }

    private func routed(_ request: HTTPRequest) -> SiteAnswer {
        let rules = AccessRules(options: options, addresses: registry.controlAddresses)
        if let refusal = rules.refusal(of: request) { return .made(refusal) }
        guard let path = RequestPath(request.path) else {
            return .made(.text(400, "400 Bad Request: malformed percent-encoding\n"))
        }
        if let clean = path.redirection {
            let location = HTTPField("Location", clean + query(of: request))
            return .made(HTTPResponse(301, fields: [location]))
        }
        guard let (route, names) = Route.find(path.segments, options) else {
            return .made(.text(404, "404 page not found\n"))
        }
        guard let handler = route.handler(of: request.method) else {
            return .made(route.family.notAllowed(route.methods))
        }
        let asked = RoutedRequest(request: request, names: names, unknown: unknownKeys)
        let answer = answer(route, handler, asked)
        // Also where it was refused: a list of proxies can be half done.
        if route.changesProxies, request.method != .get, request.method != .head { noteChange() }
        return answer
    }

    private func query(of request: HTTPRequest) -> String {
        let rest = request.target.drop { $0 != UInt8(ascii: "?") }
        return String(decoding: rest, as: UTF8.self)
    }

    /// Toxiproxy gives each request that it knows an identity.
    private func answer(
        _ route: Route, _ handler: Route.Handler, _ asked: RoutedRequest
    ) -> SiteAnswer {
        let start = environment?.now()
        let identity = route.family == .toxiproxy ? identity.next() : nil
        var answer = made(route.family, handler, asked)
        if let identity, case .made(var response) = answer {
            response.fields.append(HTTPField("X-Toxiproxy-Request-Id", identity))
            answer = .made(response)
        }
        if let onCall, let start, let environment {
            let call = ControlCall(
                asked, answer, identity: identity, client: asker(),
                duration: environment.now() - start,
                handler: route.handlerName(asked.request.method))
            guard case .late(let late as SearchedAnswer) = answer else {
                onCall(call)
                return answer
            }
            late.onEnd = { answer in
                onCall(call.answered(answer, after: environment.now() - start))
            }
        }
        return answer
    }

    private func made(
        _ family: RouteFamily, _ handler: Route.Handler, _ asked: RoutedRequest
    ) -> SiteAnswer {
        guard options.mode != .toxiproxy || !AccessRules.isBrowser(asked.request) else {
            return .made(.text(403, "User agent not allowed\n"))
        }
        do {
            switch handler {
            case .made(let make): return .made(try make(self, asked))
            case .streamed(let make): return .streamed(try make(self, asked))
            case .searched(let make):
                var search = try make(self, asked)
                if let answer = try search.next(options.scanTurns) { return answer }
                return .late(SearchedAnswer(search, options.scanTurns) { Self.finish($0, family) })
            case .passed(let pass): return try pass(self, asked)
            }
        } catch {
            return .made(family.refusal(error))
        }
    }

    private static func finish(
        _ found: Result<SiteAnswer, any Error>, _ family: RouteFamily
    ) -> SiteAnswer {
        switch found {
        case .success(let answer): uncached(answer)
        case .failure(let error): uncached(.made(family.refusal(error)))
        }
    }

    // MARK: What routes share

    /// - Throws: `APIError` if none is kept.
    func openJournal() throws(APIError) -> Journal {
        guard let journal else { throw APIError(404, "this server keeps no journal") }
        return journal
    }

    /// - Throws: `ProxyError`.
    func reset() throws -> HTTPResponse {
        // Behind the counters, without a record in between: both tell of the same exchanges.
        defer {
            journal?.reset()
            environment?.resetPeaks()
            environment?.mark(nil)
        }
        try registry.reset()
        return HTTPResponse(204)
    }

    func resetPeaks() -> HTTPResponse {
        for found in registry.proxies { found.proxy.resetPeaks() }
        environment?.resetPeaks()
        return HTTPResponse(204)
    }

    var metrics: HTTPResponse {
        let type = HTTPField("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        var bytes = options.hasByteCounters ? ToxiproxyMetrics.bytes(registry.proxies) : []
        if options.hasProcessMetrics, let figures = ProcessFigures.read() {
            bytes += ProcessMetrics.bytes(figures)
        }
        if options.mode == .flagserver {
            bytes += FlagserverMetrics.bytes(registry.proxies, dropped: droppedRecords())
        }
        return HTTPResponse(200, fields: [type], body: [Bytes(bytes)])
    }
}
