import HTTPWire

/// What the interface has at a path; `all` has a row for each.
struct Route: Sendable {
    /// Makes the answer to a request.
    enum Handler: Sendable {
        case made(@Sendable (ControlAPI, RoutedRequest) throws -> HTTPResponse)
        case streamed(@Sendable (ControlAPI, RoutedRequest) throws -> ResponseStream)
        /// It is looked for in the journal first.
        case searched(@Sendable (ControlAPI, RoutedRequest) throws -> any JournalSearch)
        /// Another site has it.
        case passed(@Sendable (ControlAPI, RoutedRequest) throws -> SiteAnswer)
    }

    typealias Handlers = KeyValuePairs<HTTPMethod, Handler>

    /// `/proxies/<name>`: what is in angle brackets stands for any text.
    let path: String
    let family: RouteFamily
    /// One line for people.
    let help: String
    /// Whether other methods than GET change proxies here.
    var changesProxies = false
    /// Whether the method does not matter, as with Go's handlers; the first handler answers all.
    var takesAnyMethod = false
    /// Whether it is there with these options, in a mode that has its family.
    var isOffered: @Sendable (APIOptions) -> Bool = { _ in true }
    /// By method, in the order of `Allow`. HEAD is answered like GET where the family has it.
    let handlers: Handlers

    /// - Parameter segments: of the path, decoded.
    /// - Returns: the route with the names in the path; nil if there is nothing, at least not with
    ///   these options.
    static func find(_ segments: [String], _ options: APIOptions) -> (Route, names: [String])? {
        for route in all where route.family.isOffered(in: options.mode) && route.isOffered(options)
        {
            if let names = route.names(in: segments) { return (route, names) }
        }
        return nil
    }

    private func names(in segments: [String]) -> [String]? {
        let wanted = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        guard segments.count == wanted.count else { return nil }
        var names: [String] = []
        for (segment, pattern) in zip(segments, wanted) {
            if pattern.hasPrefix("<"), !segment.isEmpty {
                names.append(segment)
            } else if segment != pattern {
                return nil
            }
        }
        return names
    }

    func handler(of method: HTTPMethod) -> Handler? {
        if takesAnyMethod { return handlers.first?.value }
        let known: HTTPMethod = method == .head && family.hasHead ? .get : method
        return handlers.first { $0.key == known }?.value
    }

    /// For `Allow`.
    var methods: [String] {
        handlers.flatMap { method, _ in
            method == .get && family.hasHead ? ["GET", "HEAD"] : [Self.name(of: method)]
        }
    }

    /// Cases are called like their methods.
    private static func name(of method: HTTPMethod) -> String {
        "\(method)".uppercased()
    }

    /// Toxiproxy's name for what answers, in its log: `ProxyIndex`, `ToxicUpdate`, `ResetState`.
    func handlerName(_ method: HTTPMethod) -> String {
        let things = ["proxies": "Proxy", "toxics": "Toxic"]
        let words = path.split(separator: "/")
        let isOne = words.last?.hasPrefix("<") ?? false
        guard let thing = words.last(where: { !$0.hasPrefix("<") }) else { return "Summary" }
        guard let name = things[String(thing)] else {
            return thing == "reset" && words.count == 1
                ? "ResetState" : words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
        }
        switch method {
        case .get, .head: return name + (isOne ? "Show" : "Index")
        case .delete: return "\(name)Delete"
        case .post, .put, .patch, .connect, .options, .trace, .unknown:
            return name + (isOne ? "Update" : "Create")
        }
    }

    // MARK: For people

    /// For people who look at the control port.
    static var summary: String {
        "flagserver, the control port\n\n" + all.map(\.line).joined()
    }

    private var line: String {
        let methods = handlers.map { Self.name(of: $0.key) }.joined(separator: ", ")
        return Self.padded(methods, 24) + Self.padded(path, 30) + help + "\n"
    }

    /// With at least one blank behind it.
    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(width - text.count, 1))
    }
}
