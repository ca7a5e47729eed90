/// What became of one download, once nothing more is tried.
public struct DownloadResult: Equatable, Sendable {
    public enum Outcome: Equatable, Sendable {
        case ok
        /// 404.
        case notFound
        case failed(DownloadFailure)
    }

    /// What people call it: `BR`.
    public let name: String
    /// Of the last request, after redirects.
    public let url: String
    public let outcome: Outcome
    /// Where it was saved; nil if it was not.
    public let file: String?
    /// Of the content, in bytes.
    public let bytes: Int
    /// Requests that were sent for it, redirects not counted.
    public let attempts: Int
    /// From the first request to the end of the last answer, in nanoseconds.
    public let time: UInt64

    public init(
        name: String, url: String, outcome: Outcome, file: String? = nil, bytes: Int = 0,
        attempts: Int = 1, time: UInt64 = 0
    ) {
        (self.name, self.url, self.outcome, self.file) = (name, url, outcome, file)
        (self.bytes, self.attempts, self.time) = (bytes, attempts, time)
    }
}
