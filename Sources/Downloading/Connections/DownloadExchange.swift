import EventLoop
import HTTPWire

/// A GET under way: one request, or several if it is redirected.
final class DownloadExchange {
    /// Statuses that lead on.
    static let redirections = [301, 302, 303, 307, 308]

    let fields: [HTTPField]
    let completion: (DownloadAnswer) -> Void
    private(set) var url: DownloadURL
    var reader: AnswerReader
    private let maximum: Int
    private let keepsContent: Bool
    /// When it was handed over, and when it must be over, in monotonic nanoseconds.
    let (began, deadline): (UInt64, UInt64)
    private(set) var redirects = 0
    /// Whether it was sent once over a connection that had ended before it arrived.
    var wasStale = false
    /// Of the content, as the client counts it in all.
    var counted = 0

    init(
        _ url: DownloadURL, fields: [HTTPField], maximum: Int, keepsContent: Bool,
        from began: UInt64, to end: UInt64,
        completion: @escaping (DownloadAnswer) -> Void
    ) {
        (self.url, self.fields, self.maximum) = (url, fields, maximum)
        (self.began, deadline, self.completion) = (began, end, completion)
        self.keepsContent = keepsContent
        reader = AnswerReader(
            maximum: maximum, asksForPart: fields.contains { $0.name == "Range" },
            keepsContent: keepsContent)
    }

    /// The request as it is sent.
    var message: [UInt8] {
        var text = "GET \(url.target) HTTP/1.1\r\nHost: \(url.authority)\r\n"
        text += "User-Agent: flagget\r\nAccept: */*\r\nAccept-Encoding: identity\r\n"
        for field in fields { text += "\(field.name): \(field.value)\r\n" }
        return Array((text + "\r\n").utf8)
    }

    /// Whether it goes on to another URL, which it has from now on.
    ///
    /// - Throws: `redirect`.
    func follows(limit: Int) throws(DownloadFailure) -> Bool {
        guard let head = reader.head, Self.redirections.contains(Int(head.status)) else {
            return false
        }
        let status = Int(head.status)
        guard let location = head.fields.location else {
            throw DownloadFailure(.redirect, status: status, "\(status) without a Location")
        }
        // It leads nowhere, and what came with it is all that there is.
        guard !location.isEmpty else { return false }
        guard let next = url.following(location) else {
            throw DownloadFailure(
                .redirect, status: status, "\(status) to \(location.prefix(200)): no http URL")
        }
        redirects += 1
        wasStale = false
        guard redirects <= limit else {
            throw DownloadFailure(.redirect, status: status, "more than \(limit) redirects")
        }
        begin(at: next)
        return true
    }

    /// Sends it anew.
    func begin(at url: DownloadURL) {
        self.url = url
        reader = AnswerReader(
            maximum: maximum, asksForPart: reader.asksForPart, keepsContent: keepsContent)
    }

    func answer(_ failure: DownloadFailure?, at now: UInt64) -> DownloadAnswer {
        let head = reader.head
        return DownloadAnswer(
            url: url, status: head.map { Int($0.status) }, content: reader.content,
            failure: failure, retryAfter: head?.fields.retryAfter,
            validator: head?.fields.validator, contentRange: head?.fields.contentRange,
            isResent: wasStale, began: began, ended: now)
    }
}
