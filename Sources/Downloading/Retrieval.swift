import EventLoop
import HTTPWire

/// What came of one thing after all attempts at it.
public struct RetrievedContent: Sendable {
    /// Of the last request, after redirects.
    public let url: DownloadURL
    public let outcome: DownloadResult.Outcome
    /// The whole, if it is `ok`.
    public let content: [UInt8]
    public let attempts: Int
    /// What can be gone on with another time; nil if there is nothing, or if it is not wanted.
    public let partial: PartialContent?
    /// Monotonic nanoseconds, of the first request and the last answer's end.
    public let (began, ended): (UInt64, UInt64)
}

/// The beginning of something, and what says that the rest still belongs to it.
public struct PartialContent: Equatable, Sendable {
    public let content: [UInt8]
    /// A strong ETag, or the value of a Last-Modified field (RFC 9110 §13.1.5).
    public let validator: String

    public init(_ content: [UInt8], validator: String) {
        (self.content, self.validator) = (content, validator)
    }
}

/// One thing that is asked for until it is here, or until nobody advises to try again. Loop thread
/// only; cancelled when freed.
public final class Retrieval {
    /// How long to wait after a failed attempt (the first is 1), in nanoseconds; nil: no more.
    public typealias Advice =
        (_ attempt: Int, _ failure: DownloadFailure, _ retryAfter: String?) -> UInt64?

    private let url: DownloadURL
    private let client: DownloadClient
    private let resumes: Bool
    private let maximum: Int?
    private let check: ([UInt8]) -> DownloadFailure?
    private let advice: Advice
    private var completion: ((RetrievedContent) -> Void)?
    private var partial: PartialContent?
    private var attempts = 0
    private var began: UInt64?
    private lazy var pause = Timer(on: client.loop) { [weak self] in self?.ask() }

    /// - Parameters:
    ///   - resumes: whether what has come of an answer that was cut is gone on with.
    ///   - partial: what an earlier run has left.
    ///   - maximum: of content, in bytes, if it is less than the client's.
    ///   - check: what is wrong with content that came whole; nil if nothing is.
    public init(
        _ url: DownloadURL, by client: DownloadClient, resumes: Bool = false,
        from partial: PartialContent? = nil, maximum: Int? = nil,
        check: @escaping ([UInt8]) -> DownloadFailure? = { _ in nil },
        advice: @escaping Advice = { _, _, _ in nil }
    ) {
        (self.url, self.client, self.resumes) = (url, client, resumes)
        (self.partial, self.check, self.advice) = (partial, check, advice)
        self.maximum = maximum
    }

    /// - Parameter completion: called once, after this has returned, unless the client is stopped.
    public func begin(_ completion: @escaping (RetrievedContent) -> Void) {
        self.completion = completion
        ask()
    }

    private func ask() {
        attempts += 1
        var fields: [HTTPField] = []
        if let partial {
            fields = [
                HTTPField("Range", "bytes=\(partial.content.count)-"),
                HTTPField("If-Range", partial.validator),
            ]
        }
        client.get(url, fields: fields, maximum: maximum) { [weak self] in self?.answered($0) }
    }

    private func answered(_ answer: DownloadAnswer) {
        began = began ?? answer.began
        if answer.isResent { attempts += 1 }
        let wasPart = partial != nil
        var failure = answer.failure
        var content = answer.content
        if failure == nil { (content, failure) = whole(answer) }
        keep(answer, failure)
        if failure == nil { failure = check(content) }
        if wasPart, let failure, Self.isOfPart(failure) {
            // What was kept does not belong to what is there: only the whole tells.
            partial = nil
            return ask()
        }
        guard let failure else { return finish(answer, .ok, content) }
        if failure.status == 404, failure.kind == .status { return finish(answer, .notFound, []) }
        guard let wait = advice(attempts, failure, answer.retryAfter) else {
            return finish(answer, .failed(failure), [])
        }
        pause.schedule(after: wait)
    }

    /// Whether it may be the part's fault that is gone on with.
    private static func isOfPart(_ failure: DownloadFailure) -> Bool {
        failure.status == 416 || failure.status == 206 && failure.kind == .malformed
            || failure.kind == .checksum
    }

    /// All content, as far as the status lets it be content.
    private func whole(_ answer: DownloadAnswer) -> ([UInt8], DownloadFailure?) {
        let status = answer.status ?? 0
        if status == 206, let partial {
            guard continues(answer, partial) else {
                let words = "another part than was asked for"
                return ([], DownloadFailure(.malformed, status: 206, words))
            }
            return (partial.content + answer.content, nil)
        }
        // Redirections have been followed, but for those whose Location is empty.
        guard (200...299).contains(status) || DownloadExchange.redirections.contains(status) else {
            return ([], Self.failure(status))
        }
        return (answer.content, nil)
    }

    /// In the words of the book's programs.
    private static func failure(_ status: Int) -> DownloadFailure {
        let reason = HTTPStatus(status)?.reason ?? ""
        let words = reason.isEmpty ? "" : " - \(reason)"
        return DownloadFailure(.status, status: status, "HTTP error \(status)\(words)")
    }

    /// Whether the part goes from the end of what is here to the end of the whole
    /// (RFC 9110 §14.4).
    private func continues(_ answer: DownloadAnswer, _ partial: PartialContent) -> Bool {
        let total = partial.content.count + answer.content.count
        guard !answer.content.isEmpty, isSame(answer, partial) else { return false }
        return answer.contentRange == "bytes \(partial.content.count)-\(total - 1)/\(total)"
    }

    /// What may be gone on with after this answer.
    private func keep(_ answer: DownloadAnswer, _ failure: DownloadFailure?) {
        guard resumes else { return }
        guard let failure else {
            partial = nil
            return
        }
        let isCut = [.truncated, .reset, .timeout].contains(failure.kind)
        guard isCut, !answer.content.isEmpty, let validator = answer.validator else { return }
        if answer.status == 206, let earlier = partial {
            guard begins(answer, earlier) else { return }
            partial = PartialContent(earlier.content + answer.content, validator: validator)
        } else if answer.status == 200 {
            partial = PartialContent(answer.content, validator: validator)
        }
    }

    private func begins(_ answer: DownloadAnswer, _ partial: PartialContent) -> Bool {
        isSame(answer, partial)
            && answer.contentRange?.hasPrefix("bytes \(partial.content.count)-") ?? false
    }

    /// A part of another version must not be glued to ours (RFC 9110 §15.3.7.3).
    private func isSame(_ answer: DownloadAnswer, _ partial: PartialContent) -> Bool {
        answer.validator == nil || answer.validator == partial.validator
    }

    private func finish(
        _ answer: DownloadAnswer, _ outcome: DownloadResult.Outcome, _ content: [UInt8]
    ) {
        let completion = completion
        self.completion = nil
        completion?(
            RetrievedContent(
                url: answer.url, outcome: outcome, content: content, attempts: attempts,
                partial: partial, began: began ?? answer.began, ended: answer.ended))
    }
}
