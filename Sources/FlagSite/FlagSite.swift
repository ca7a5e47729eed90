public import HTTPWire

/// Answers requests from the flag store, exactly as RFC 9110 asks. It never learns what a fault is.
public final class FlagSite {
    /// Swapped as a whole when the fixtures are reloaded.
    public var store: FlagStore
    private let extraFields: [HTTPField]
    private let date: () -> Int64

    /// What the site does (RFC 9110 §10.2.1).
    private static let allow = HTTPField("Allow", "GET, HEAD, OPTIONS")

    /// - Parameters:
    ///   - extraFields: of every answer that is not prebuilt (CORS).
    ///   - date: seconds since 1970, now.
    public init(store: FlagStore, extraFields: [HTTPField] = [], date: @escaping () -> Int64) {
        (self.store, self.extraFields, self.date) = (store, extraFields, date)
    }

    /// The same site for one of several servers: its page says which one it is.
    ///
    /// - Parameter words: what it does; asked at each request for the page.
    public func site(_ words: @escaping (HTTPRequest) -> String) -> Site {
        let page = ServerPage(words)
        return { [self] in answer($0, page) }
    }

    /// Another target that is answered like `target`, chosen by `seed`; nil if there is none.
    public func other(than target: String, seed: UInt64) -> String? {
        store.other(than: String(target.prefix { $0 != "?" }), seed: seed)
    }

    /// - Parameter prefix: what stands before the path in the URL that was asked for.
    public func answer(_ request: HTTPRequest, below prefix: String = "") -> SiteAnswer {
        answer(request, nil, below: prefix)
    }

    private func answer(
        _ request: HTTPRequest, _ page: ServerPage?, below prefix: String = ""
    ) -> SiteAnswer {
        // Nothing else has so short a path and is there; folders of other files have no server.
        if request.path.count == store.flagsPageCount, let page,
            request.path.elementsEqual(store.page.utf8)
        {
            return answer(request, for: page.resource(request, store, now: date()), below: prefix)
        }
        if request.isPlain, let resource = store.resource(at: request.path),
            !resource.hasPercentSign
        {
            return .prepared(resource.response)
        }
        return answer(request, for: nil, below: prefix)
    }

    /// - Parameter known: what is asked for, if it has been found already.
    private func answer(
        _ request: HTTPRequest, for known: FlagStore.Resource?, below prefix: String
    ) -> SiteAnswer {
        switch request.method {
        case .get, .head: return read(request, known, below: prefix)
        case .options: return .made(make(204, [Self.allow] + preflight))
        case .post, .put, .delete, .connect, .trace, .patch: return refuse(request, below: prefix)
        case .unknown: return .made(text(501, "No such method is known here."))
        }
    }

    private func read(
        _ request: HTTPRequest, _ known: FlagStore.Resource?, below prefix: String
    ) -> SiteAnswer {
        guard let resource = known ?? find(request.path) else {
            return .made(elsewhere(request, below: prefix))
        }
        guard !request.traits.isDisjoint(with: [.conditional, .range]) else {
            return .prepared(resource.response)
        }
        // Lists may be spread over several lines; only those two fields are lists.
        let lists = (request.joinedValue(of: "if-match"), request.joinedValue(of: "if-none-match"))
        return withViews(lists) { ifMatch, ifNoneMatch in
            let condition = ConditionalRequest(
                ifMatch: ifMatch, ifNoneMatch: ifNoneMatch,
                ifModifiedSince: request.singleValue(of: "if-modified-since"),
                ifUnmodifiedSince: request.singleValue(of: "if-unmodified-since"),
                ifRange: ifRange(request))
            return read(request, resource, condition)
        }
    }

    /// A repeated If-Range matches nothing: without it, a Range would be honoured by mistake.
    private func ifRange(_ request: HTTPRequest) -> UnsafeRawBufferPointer? {
        let values = request.values(of: "if-range")
        return values.count > 1 ? UnsafeRawBufferPointer(start: nil, count: 0) : values.first
    }

    private func withViews(
        _ lists: ([UInt8]?, [UInt8]?),
        _ body: (UnsafeRawBufferPointer?, UnsafeRawBufferPointer?) -> SiteAnswer
    ) -> SiteAnswer {
        (lists.0 ?? []).withUnsafeBytes { first in
            (lists.1 ?? []).withUnsafeBytes { second in
                body(lists.0 == nil ? nil : first, lists.1 == nil ? nil : second)
            }
        }
    }

    private func read(
        _ request: HTTPRequest, _ resource: FlagStore.Resource, _ condition: ConditionalRequest
    ) -> SiteAnswer {
        let (tag, modified, now) = (resource.entityTag, resource.lastModified, date())
        switch condition.evaluate(entityTag: tag, lastModified: modified, now: now) {
        case .notModified: return .made(notModified(resource))
        case .preconditionFailed:
            return .made(text(412, "The file is not the one that the request has in mind."))
        case .proceed: break
        }
        // Range is defined for GET only (RFC 9110 §14.2).
        guard request.method == .get, let range = request.singleValue(of: "range"),
            condition.honoursRange(entityTag: tag, lastModified: modified, now: now)
        else { return .prepared(resource.response) }
        return RangeAnswer(resource: resource, extraFields: extraFields).answer(range)
    }

    private func find(_ path: UnsafeRawBufferPointer) -> FlagStore.Resource? {
        PercentCoding.decodePath(path)?.withUnsafeBytes { store.resource(at: $0) }
    }

    private func elsewhere(_ request: HTTPRequest, below prefix: String) -> HTTPResponse {
        if let place = place(of: request.path) {
            let what = place == "/flags/" ? "The flags are" : "It is"
            return text(
                302, "\(what) at \(prefix)\(place).", [HTTPField("Location", prefix + place)])
        }
        guard PercentCoding.decodePath(request.path) != nil || hasEncodedSlash(request.path) else {
            return text(400, "The path has a malformed percent-encoding.")
        }
        let things = store.page == "/" ? "files" : "flags"
        let nearby = store.nearby(request.path).map { "Did you mean \(prefix)\($0)?" }
        return text(
            404,
            "There is no such file. "
                + (nearby ?? "The \(things) are listed at \(prefix)\(store.page)."))
    }

    /// Where a path leads that is almost one of ours.
    private func place(of path: UnsafeRawBufferPointer) -> String? {
        PercentCoding.decodePath(path).flatMap { store.place(of: Array($0)) }
    }

    /// `%2F` is well-formed but names nothing here: no file name has a slash in it.
    private func hasEncodedSlash(_ path: UnsafeRawBufferPointer) -> Bool {
        let text = String(decoding: path, as: UTF8.self).lowercased()
        let parts = text.split(separator: "%2f", omittingEmptySubsequences: false)
        guard parts.count > 1 else { return false }
        return parts.allSatisfy { part in
            var part = String(part)
            return part.withUTF8 { PercentCoding.decodePath(UnsafeRawBufferPointer($0)) != nil }
        }
    }

    private func refuse(_ request: HTTPRequest, below prefix: String) -> SiteAnswer {
        let isKnown =
            find(request.path) != nil || request.path.isEmpty || place(of: request.path) != nil
        guard isKnown else { return .made(elsewhere(request, below: prefix)) }
        return .made(
            text(
                405, "\(store.page == "/" ? "Files" : "Flags") can only be read: GET or HEAD.",
                [Self.allow]))
    }

    private func notModified(_ resource: FlagStore.Resource) -> HTTPResponse {
        make(
            304,
            [
                HTTPField("ETag", "\(resource.entityTag)"),
                HTTPField("Last-Modified", HTTPDate.string(resource.lastModified)),
            ])
    }

    private var preflight: [HTTPField] {
        guard !extraFields.isEmpty else { return [] }
        return [
            HTTPField("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS"),
            HTTPField("Access-Control-Allow-Headers", "*"),
        ]
    }

    private func make(_ status: HTTPStatus, _ fields: [HTTPField]) -> HTTPResponse {
        HTTPResponse(status, fields: fields + extraFields)
    }

    private func text(_ status: HTTPStatus, _ text: String, _ fields: [HTTPField] = [])
        -> HTTPResponse
    {
        HTTPResponse(status, text: text, fields: fields + extraFields)
    }
}
