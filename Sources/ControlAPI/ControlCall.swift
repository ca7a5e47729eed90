public import EventLoop
public import Faults
import HTTPWire

/// A call of a route, for an access log. Loop thread only.
public struct ControlCall {
    /// Of 20 characters; nil where the route gives none.
    public let identity: String?
    /// nil if it is not known.
    public let client: SocketAddress?
    public let method: String
    /// As it was sent.
    public let target: String
    /// Empty if there is none.
    public let userAgent: String
    /// 0 where it is not known: the client has left before the answer was found.
    public private(set) var status: UInt16
    /// Of the body, in bytes; nil while it is streamed.
    public private(set) var size: Int?
    /// How long the answer took to make, in nanoseconds.
    public private(set) var duration: Nanoseconds
    /// Toxiproxy's name for what answers: `ProxyCreate`.
    public let handler: String

    init(
        _ asked: RoutedRequest, _ answer: SiteAnswer, identity: String?, client: SocketAddress?,
        duration: Nanoseconds, handler: String
    ) {
        let request = asked.request
        (self.identity, self.client, self.duration) = (identity, client, duration)
        method = String(decoding: request.methodText, as: UTF8.self)
        target = String(decoding: request.target, as: UTF8.self)
        userAgent =
            request.values(of: "user-agent").first.map { String(decoding: $0, as: UTF8.self) } ?? ""
        (status, size) = (answer.status?.code ?? 0, answer.bodyCount)
        self.handler = handler
    }

    /// With the answer that came later; nil if the client had left before it came.
    func answered(_ answer: SiteAnswer?, after duration: Nanoseconds) -> ControlCall {
        var call = self
        (call.status, call.size) = (answer?.status?.code ?? 0, answer?.bodyCount)
        call.duration = duration
        return call
    }
}
