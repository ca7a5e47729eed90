public import HTTPWire

/// What stands behind a proxy.
public enum Upstream {
    /// A site in this process.
    case site(Site)

    @inline(__always)
    func answer(_ request: HTTPRequest) -> SiteAnswer {
        switch self {
        case .site(let site): site(request)
        }
    }
}
