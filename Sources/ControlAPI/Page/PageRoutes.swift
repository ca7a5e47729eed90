import HTTPWire

/// The page for browsers, and what it shows that no other route has.
struct PageRoutes {
    /// Nothing but its own files, and nobody may put it into a frame. Texts from the wire cannot
    /// become markup: no sink takes them.
    private static let policy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:",
        "connect-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    ].joined(separator: "; ")

    private let flags: FlagPictures?

    init(_ api: ControlAPI) {
        flags = api.flags
    }

    /// What is at `/`: the page for browsers, the list of routes for others.
    func front(_ asked: RoutedRequest) -> HTTPResponse {
        let vary = [HTTPField("Vary", "Accept")]
        guard asked.request.wantsHTML else { return .text(200, Route.summary, vary) }
        return Self.response(.html, vary)
    }

    /// The style or the script of the page.
    ///
    /// - Throws: `APIError` for a part that it has not.
    func part(_ asked: RoutedRequest) throws(APIError) -> HTTPResponse {
        guard let part = PageText(rawValue: asked.names[0]) else {
            let names = PageText.allCases.map(\.rawValue).joined(separator: ", ")
            throw APIError(404, "the page has no such part: there are \(names)")
        }
        return Self.response(part, [])
    }

    private static func response(_ part: PageText, _ more: [HTTPField]) -> HTTPResponse {
        let fields = [
            HTTPField("Content-Type", part.type), HTTPField("Content-Security-Policy", policy),
            HTTPField("X-Content-Type-Options", "nosniff"),
            HTTPField("Referrer-Policy", "same-origin"),
        ]
        return HTTPResponse(200, fields: fields + more, body: [Bytes(part.bytes)])
    }

    // MARK: Flags

    /// Whose flags there are.
    var codes: HTTPResponse {
        .json(200, .array((flags?.codes() ?? []).map { .string($0) }))
    }

    /// A file of a flag, without an exchange.
    ///
    /// - Throws: `APIError` if there are no flags.
    func flag(_ asked: RoutedRequest) throws(APIError) -> SiteAnswer {
        guard let flags else { throw APIError(404, "there are no flags here") }
        return flags.answer(asked.request)
    }
}
