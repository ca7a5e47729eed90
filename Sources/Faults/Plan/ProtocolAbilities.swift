/// What a toxic has to know of the protocol that it is to act on.
public struct ProtocolAbilities: Sendable {
    public let name: String
    /// Whether an exchange has a path, a method and header fields.
    public let hasHeads: Bool
    /// Whether its exchanges are questions for names.
    public let hasNames: Bool
    /// The names of all protocols in which an answer can be an error.
    public let withErrors: [String]

    public init(
        name: String, hasHeads: Bool, hasNames: Bool = false, withErrors: [String]
    ) {
        (self.name, self.hasHeads, self.hasNames) = (name, hasHeads, hasNames)
        self.withErrors = withErrors
    }
}

extension Toxic {
    /// Checks that it can happen on a protocol.
    public func check(on protocol: ProtocolAbilities) throws(ToxicError) {
        try checkDoor(`protocol`)
        try checkNames(`protocol`)
        guard `protocol`.hasHeads || match?.needsHTTP != true else {
            throw ToxicError(
                ["match"],
                .invalid(
                    "path, method and header need protocol http; here client and request can be "
                        + "matched."))
        }
        if case .respond(let respond) = fault, respond.content != nil, !`protocol`.hasHeads {
            throw ToxicError(
                [respond.content?.headers.isEmpty == true ? "body" : "headers"],
                .invalid("headers and body need protocol http."))
        }
        guard fault.type.place == .exchange else { return }
        let word = fault.type.rawValue
        guard stream == .upstream else {
            throw ToxicError(
                ["stream"],
                .invalid("\(word) answers in place of the upstream: its stream is upstream."))
        }
        guard !fault.type.isScript || `protocol`.hasHeads else {
            throw ToxicError(
                ["type"],
                .invalid(
                    "\(word) changes an answer of HTTP: it needs protocol http, not "
                        + "\(`protocol`.name)."))
        }
        guard `protocol`.hasNames || `protocol`.withErrors.contains(`protocol`.name) else {
            throw ToxicError(
                ["type"],
                .invalid(
                    "protocol \(`protocol`.name) has no errors to \(word) with; these have: "
                        + "\(`protocol`.withErrors.joined(separator: ", "))."))
        }
    }
}
