import Downloading
import EventLoop

/// One flag on its way to a file: its GIF, with `--names` its `metadata.json` as well, and saving.
/// Loop thread only.
final class FlagDownload {
    /// What all flags of a run share.
    struct Means {
        let plan: GetPlan
        let site: DownloadURL
        let client: DownloadClient
        let saver: FileSaver
        let advice: RetryAdvice
        let checksums: SiteChecksums?
        /// Seconds since 1970, now.
        let date: () -> Int64
        /// What a country's file is called.
        let name: (_ country: String, _ code: String) -> String

        var partials: PartialFiles { PartialFiles(folder: plan.folder) }
    }

    let code: String
    private let means: Means
    private let answered: (DownloadResult.Outcome, UInt64) -> Void
    private let completion: (DownloadResult) -> Void
    private var retrieval: Retrieval?
    private var gif: RetrievedContent?
    private var metadata: RetrievedContent?
    /// Of a metadata.json, in bytes.
    private static let maximumMetadata = 65_536

    /// - Parameters:
    ///   - answered: called once, after `begin()` has returned, with the instant of the answer in
    ///     monotonic nanoseconds: nothing more is asked for, though it may still have to be saved.
    ///   - completion: called once, in the order in which flags are answered.
    init(
        _ code: String, _ means: Means,
        answered: @escaping (DownloadResult.Outcome, _ instant: UInt64) -> Void,
        completion: @escaping (DownloadResult) -> Void
    ) {
        (self.code, self.means) = (code, means)
        (self.answered, self.completion) = (answered, completion)
    }

    func begin() {
        let resumes = means.plan.resumes
        let partial = resumes ? means.partials.read(code) : nil
        let name = code.lowercased()
        retrieve("\(name)/\(name).gif", resumes: resumes, from: partial) { [weak self] in
            self?.got(gif: $0)
        }
    }

    private func retrieve(
        _ path: String, resumes: Bool = false, from partial: PartialContent? = nil,
        maximum: Int? = nil,
        _ completion: @escaping (RetrievedContent) -> Void
    ) {
        let (means, code) = (means, code)
        let retrieval = Retrieval(
            means.site.appending(path), by: means.client, resumes: resumes, from: partial,
            maximum: maximum,
            check: { means.checksums?.failure($0, of: path) },
            advice: { attempt, failure, retryAfter in
                means.advice.wait(
                    afterAttempt: attempt, of: code, failure, retryAfter: retryAfter,
                    now: means.date())
            })
        self.retrieval = retrieval
        retrieval.begin(completion)
    }

    // MARK: What comes

    private func got(gif: RetrievedContent) {
        self.gif = gif
        guard gif.outcome == .ok else {
            guard let partial = gif.partial else {
                if means.plan.resumes { means.partials.remove(code) }
                return fail(gif, gif.outcome)
            }
            means.partials.save(partial, of: code, by: means.saver) { [weak self] in
                self?.finish(gif, gif.outcome)
            }
            return answered(gif.outcome, gif.ended)
        }
        guard means.plan.usesNames else { return save(gif, as: FlagFileNames.plain(code)) }
        retrieve("\(code.lowercased())/metadata.json", maximum: Self.maximumMetadata) {
            [weak self] in
            self?.got(metadata: $0, of: gif)
        }
    }

    private func got(metadata: RetrievedContent, of gif: RetrievedContent) {
        self.metadata = metadata
        guard metadata.outcome == .ok else { return fail(metadata, metadata.outcome) }
        do throws(FlagMetadata.Failure) {
            let country = try Self.country(metadata.content)
            save(gif, as: means.name(country, code))
        } catch {
            let failure = DownloadFailure(.malformed, "\(metadata.url) \(error)")
            fail(metadata, .failed(failure))
        }
    }

    private static func country(_ content: [UInt8]) throws(FlagMetadata.Failure) -> String {
        let metadata = content.withUnsafeBytes { bytes in
            Result { () throws(FlagMetadata.Failure) in try FlagMetadata(bytes) }
        }
        return try metadata.get().country
    }

    private func save(_ gif: RetrievedContent, as name: String) {
        let path = "\(means.plan.folder)/\(name)"
        means.saver.save(gif.content, as: path) { [weak self] failure in
            guard let self else { return }
            if means.plan.resumes { means.partials.remove(code) }
            finish(gif, failure.map { .failed($0) } ?? .ok, file: path)
        }
        answered(.ok, (metadata ?? gif).ended)
    }

    /// There is nothing to be saved. What was answered before is told before.
    private func fail(_ last: RetrievedContent, _ outcome: DownloadResult.Outcome) {
        answered(outcome, last.ended)
        means.saver.afterAll { [weak self] in self?.finish(last, outcome) }
    }

    /// - Parameter last: whose answer decided.
    private func finish(
        _ last: RetrievedContent, _ outcome: DownloadResult.Outcome, file: String? = nil
    ) {
        let began = gif?.began ?? last.began
        let ended = metadata?.ended ?? last.ended
        let isSaved = outcome == .ok
        completion(
            DownloadResult(
                name: code, url: last.url.description, outcome: outcome,
                file: isSaved ? file : nil, bytes: isSaved ? gif?.content.count ?? 0 : 0,
                attempts: (gif ?? last).attempts + (metadata?.attempts ?? 0),
                time: ended > began ? ended - began : 0))
    }
}
