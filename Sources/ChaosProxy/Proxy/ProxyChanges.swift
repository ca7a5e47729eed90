/// What is to be changed of a proxy; nil leaves it as it is.
public struct ProxyChanges: Sendable {
    public var listen: String?
    public var upstream: String?
    public var isEnabled: Bool?
    public var `protocol`: ProxyProtocol?
    public var limits = RequestLimits.Changes()

    public init(
        listen: String? = nil, upstream: String? = nil, isEnabled: Bool? = nil,
        protocol: ProxyProtocol? = nil
    ) {
        (self.listen, self.upstream) = (listen, upstream)
        (self.isEnabled, self.protocol) = (isEnabled, `protocol`)
    }
}
