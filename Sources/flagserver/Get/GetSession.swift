import Downloading
import EventLoop
import Glibc

/// A run of `flagget`, from the first line of its report to the last.
final class GetSession {
    /// Files that wait for the disk, in bytes; meanwhile no more is asked for.
    private static let maximumUnsaved = 64 << 20

    private let plan: GetPlan
    private let screen: GetScreen
    private let loop: EventLoop
    private let client: DownloadClient
    private let saver: FileSaver
    private let site: DownloadURL
    private var names = FlagFileNames()
    private var window: DownloadWindow
    private var means: FlagDownload.Means?
    private var running: [String: FlagDownload] = [:]
    /// How many of those are still asked for, and not only to be saved.
    private var asked = 0
    private var next = 0
    private var results: [DownloadResult] = []
    private var start: UInt64 = 0
    private var trouble: (any Error)?
    private var isInterrupted = false
    private lazy var tick = Timer(on: loop) { [unowned self] in ticked() }

    /// As many as there are descriptors for, some for files left out.
    private static var connectionsAtMost: Int {
        max(OpenFileLimit.raise() - OpenFileLimit.openDescriptors() - 16, 1)
    }

    /// - Throws: `EventLoopError`, or `GetUsageError` for a URL that cannot be asked.
    init(_ plan: GetPlan, _ screen: GetScreen) throws {
        (self.plan, self.screen) = (plan, screen)
        do throws(DownloadURL.Mistake) {
            site = try DownloadURL(plan.site.url)
        } catch {
            throw GetUsageError("\(plan.site.url): \(error)")
        }
        loop = try EventLoop()
        var limits = DownloadLimits(
            connections: min(plan.connections, Self.connectionsAtMost), patience: plan.timeout,
            total: plan.timeout * 10)
        limits.sparesConnections = plan.concurrency != .best
        client = DownloadClient(on: loop, limits: limits)
        saver = try FileSaver(on: loop)
        window = DownloadWindow(plan.concurrency, maximum: plan.connections)
    }

    /// - Returns: the exit status.
    /// - Throws: `CommandLineError` 1 for a folder that cannot be made, 74 for stdout; or
    ///   `EventLoopError`.
    func run() throws -> Int32 {
        try Self.make(folder: plan.folder)
        let signals = try [SIGINT, SIGTERM].map { number in
            try Signals(number, on: loop) { [unowned self] _ in stop() }
        }
        defer { withExtendedLifetime(signals) {} }
        try screen.tell(GetReport.initial(plan))
        start = loop.now
        screen.begin(at: start)
        if screen.hasBar { tick.schedule(after: ProgressBar.redrawInterval) }
        begin()
        do throws(EventLoopError) {
            try loop.run()
        } catch {
            trouble = error
        }
        client.stop()
        saver.close()
        let end = loop.now
        screen.end(at: end)
        if let trouble { throw trouble }
        return try report(elapsed: end - start)
    }

    private func stop() {
        // A disk that stands still must not keep who has asked twice.
        for number in [SIGINT, SIGTERM] { signal(number) { _ in _exit(GetExit.interrupted) } }
        isInterrupted = true
        loop.stop()
    }

    private func ticked() {
        screen.draw(at: loop.now)
        tick.schedule(after: ProgressBar.redrawInterval)
    }

    // MARK: Downloads

    private func begin() {
        guard plan.verifies else { return begin(checksums: nil) }
        let advice = advice
        let sums = Retrieval(
            site.appending(SiteChecksums.fileName), by: client,
            maximum: SiteChecksums.maximumSize,
            advice: { attempt, failure, retryAfter in
                advice.wait(
                    afterAttempt: attempt, of: SiteChecksums.fileName, failure,
                    retryAfter: retryAfter, now: Int64(time(nil)))
            })
        sums.begin { [self] content in
            defer { withExtendedLifetime(sums) {} }
            let checksums = SiteChecksums(content.content)
            guard content.outcome == .ok, !checksums.isEmpty else {
                return fail(Self.withoutChecksums(content))
            }
            begin(checksums: checksums)
        }
    }

    private static func withoutChecksums(_ content: RetrievedContent) -> CommandLineError {
        let reason =
            switch content.outcome {
            case .ok: "it has no line with a checksum"
            case .notFound: "there is no such file"
            case .failed(let failure): failure.description
            }
        return CommandLineError(
            .failure,
            "nothing can be verified by \(content.url): \(reason). Leave --verify out, or name a "
                + "site that has checksums.")
    }

    private var advice: RetryAdvice {
        RetryAdvice(retries: plan.retries, backoff: plan.backoff, seed: start)
    }

    private func fail(_ error: any Error) {
        trouble = error
        loop.stop()
    }

    private func begin(checksums: SiteChecksums?) {
        means = FlagDownload.Means(
            plan: plan, site: site, client: client, saver: saver,
            advice: advice, checksums: checksums, date: { Int64(time(nil)) },
            name: { [unowned self] in names.name(of: $0, code: $1) })
        goOn()
    }

    /// As many at once as the window allows.
    private func goOn() {
        guard let means else { return }
        while next < plan.codes.count, asked < window.count,
            saver.queuedBytes < Self.maximumUnsaved
        {
            let code = plan.codes[next]
            next += 1
            let download = FlagDownload(
                code, means, answered: { [unowned self] in answered($0, at: $1) },
                completion: { [unowned self] in ended($0) })
            running[code] = download
            asked += 1
            download.begin()
        }
        if asked == 0 { saver.handOver() }
        if running.isEmpty { loop.stop() }
    }

    /// The next one is asked for while this one is saved. What that takes says nothing of the site.
    private func answered(_ outcome: DownloadResult.Outcome, at instant: UInt64) {
        asked -= 1
        window.note(outcome, at: instant)
        goOn()
    }

    private func ended(_ result: DownloadResult) {
        running[result.name] = nil
        results.append(result)
        do {
            try screen.note(GetReport.line(result), at: loop.now)
        } catch {
            return fail(error)
        }
        goOn()
    }

    // MARK: The end

    private func report(elapsed: UInt64) throws -> Int32 {
        let totals = DownloadTotals(results)
        let exit = GetExit.status(totals, failing: plan.failing, isInterrupted: isInterrupted)
        try screen.tell(
            GetReport.final(totals, requested: plan.codes.count, elapsed: elapsed))
        if let failure = firstUnwritten { StandardError.write("error: \(failure)\n") }
        if let path = plan.json {
            let sorted = results.sorted { $0.name < $1.name }
            let text = GetJSON.text(plan, sorted, elapsed: elapsed, exit: exit)
            try OutputFile.write(text, to: path, "--json")
        }
        return exit
    }

    private var firstUnwritten: DownloadFailure? {
        for case .failed(let failure) in results.map(\.outcome) where failure.kind == .file {
            return failure
        }
        return nil
    }

    private static func make(folder: String) throws {
        var path = folder.hasPrefix("/") ? "/" : ""
        for part in folder.split(separator: "/") {
            path += (path.isEmpty || path.hasSuffix("/") ? "" : "/") + part
            guard mkdir(path, 0o777) != 0, errno != EEXIST, errno != EISDIR else { continue }
            throw CommandLineError(
                .failure, "the folder \(path) cannot be made: \(String(cString: strerror(errno))).")
        }
        var facts = stat()
        let isFolder = stat(folder, &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR
        guard isFolder, access(folder, W_OK | X_OK) == 0 else {
            let reason = isFolder ? String(cString: strerror(errno)) : "it is no folder"
            throw CommandLineError(
                .failure,
                "files cannot be written to \(folder): \(reason). Name another folder with --dest.")
        }
    }
}
