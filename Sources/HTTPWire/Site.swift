/// What stands at the end of a proxy in this process: a function from request to answer. It never
/// learns what a fault is.
public typealias Site = (HTTPRequest) -> SiteAnswer

/// What a site answers: a response that lies ready, one made for this request, one that is made
/// while it is sent, or one that comes later.
public enum SiteAnswer {
    case prepared(PreparedResponse)
    case made(HTTPResponse)
    case streamed(ResponseStream)
    case late(LateAnswer)

    /// nil if it is not known yet.
    public var status: HTTPStatus? {
        switch self {
        case .prepared(let response): response.status
        case .made(let response): response.status
        case .streamed(let response): response.status
        case .late: nil
        }
    }

    /// nil if it is not known before it is sent.
    public var bodyCount: Int? {
        switch self {
        case .prepared(let response): response.body.count
        case .made(let response): response.bodyCount
        case .streamed(let response): response.contentLength
        case .late: nil
        }
    }
}
