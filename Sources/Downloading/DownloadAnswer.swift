/// What came of one request, redirects followed.
public struct DownloadAnswer: Sendable {
    /// Of the last request.
    public let url: DownloadURL
    /// nil if no head came.
    public let status: Int?
    /// What came of it, whole unless `failure` says otherwise.
    public let content: [UInt8]
    /// What the wire did; a status that is no success is none.
    public let failure: DownloadFailure?
    /// The Retry-After field.
    public let retryAfter: String?
    /// What the content can be asked for again by (RFC 9110 §8.8), a strong ETag or Last-Modified.
    public let validator: String?
    /// The Content-Range field.
    public let contentRange: String?
    /// Whether it was sent twice: the first time over a connection that had ended.
    public let isResent: Bool
    /// Monotonic nanoseconds, when the request was handed over and when all was there.
    public let (began, ended): (UInt64, UInt64)
}
