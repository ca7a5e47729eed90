public import Faults

/// A proxy as it is asked for.
public struct ProxySpecification: Sendable {
    /// Longest name, listen and upstream text in bytes.
    public static let maximumText = 1024
    /// Most toxics of one proxy.
    public static let maximumToxics = 64

    public var name: String
    /// In the spellings of `ListenAddress`.
    public var listen: String
    /// `host:port`.
    public var upstream: String
    public var isEnabled: Bool
    /// nil: `tcp`, or as it is where there is such a proxy already.
    public var `protocol`: ProxyProtocol?
    public var toxics: [Toxic]
    public var mix: BehaviourMix?
    public var limits: RequestLimits

    public init(
        name: String, listen: String, upstream: String, isEnabled: Bool = true,
        protocol: ProxyProtocol? = nil, toxics: [Toxic] = [], mix: BehaviourMix? = nil,
        limits: RequestLimits = RequestLimits()
    ) {
        (self.name, self.listen, self.upstream) = (name, listen, upstream)
        (self.isEnabled, self.protocol) = (isEnabled, `protocol`)
        (self.toxics, self.mix, self.limits) = (toxics, mix, limits)
    }

    /// Checks what can be checked without a look at the other proxies.
    ///
    /// - Throws: `ProxyError.missingField` or `.invalid`.
    func check() throws(ProxyError) {
        guard !name.isEmpty else { throw ProxyError.missingField("name") }
        guard !upstream.isEmpty else { throw ProxyError.missingField("upstream") }
        for (field, text) in [("name", name), ("listen", listen), ("upstream", upstream)]
        where text.utf8.count > Self.maximumText {
            throw ProxyError.invalid(
                "invalid \(field): longer than \(Self.maximumText) bytes")
        }
        guard `protocol` != .dns || upstream == RegisteredProxy.namesText else {
            throw ProxyError.invalid(
                "invalid protocol: dns is the name server's own, which leads nowhere; there is "
                    + "one with --dns")
        }
        try Self.check(toxics, on: `protocol` ?? .tcp)
        try Self.check(mix, on: `protocol` ?? .tcp)
        try Self.check(limits, on: `protocol` ?? .tcp)
    }

    /// Checks limits: where the connection is the exchange, only connections can be limited.
    ///
    /// - Throws: `ProxyError.invalid`.
    public static func check(
        _ limits: RequestLimits, on protocol: ProxyProtocol
    ) throws(ProxyError) {
        let counts = [
            limits.maxConcurrency, limits.maxConcurrencyPerClient, limits.maxConnections,
        ]
        guard counts.allSatisfy({ $0 ?? 1 >= 1 }) else {
            throw ProxyError.invalid("a limit below 1 would let nobody in")
        }
        if let rate = limits.rate, !(rate > 0 && rate.isFinite) {
            throw ProxyError.invalid("invalid rate: it is more than 0 requests a second")
        }
        let isConnection = `protocol`.drawsPerConnection
        let limitsRequests =
            limits.maxConcurrency != nil || limits.maxConcurrencyPerClient != nil
            || limits.rate != nil
        guard !isConnection || !limitsRequests else {
            throw ProxyError.invalid(
                "protocol \(`protocol`.rawValue) has no requests to limit: max_connections is "
                    + "the limit of connections")
        }
    }

    /// Checks Vaurien's behaviours: their errors need a protocol that has some.
    ///
    /// - Throws: `ProxyError.invalid`.
    public static func check(
        _ mix: BehaviourMix?, on protocol: ProxyProtocol
    ) throws(ProxyError) {
        for part in mix?.parts ?? [] {
            for toxic in part.toxics { try check(toxic, on: `protocol`) }
        }
    }

    /// Checks a proxy's whole list of toxics.
    ///
    /// - Throws: `ProxyError.toxicExists` if two have one name, else `.invalid`.
    public static func check(
        _ toxics: [Toxic], on protocol: ProxyProtocol
    ) throws(ProxyError) {
        guard Set(toxics.map(\.name)).count == toxics.count else { throw ProxyError.toxicExists }
        guard toxics.count <= maximumToxics else {
            throw ProxyError.invalid("a proxy has at most \(maximumToxics) toxics")
        }
        for toxic in toxics {
            guard toxic.name.utf8.count <= maximumText else {
                throw ProxyError.invalid("invalid name: longer than \(maximumText) bytes")
            }
            try check(toxic, on: `protocol`)
        }
    }

    private static func check(_ toxic: Toxic, on protocol: ProxyProtocol) throws(ProxyError) {
        do throws(ToxicError) {
            try toxic.check(on: `protocol`.abilities)
        } catch {
            throw ProxyError.invalid(error.labelled)
        }
    }
}
