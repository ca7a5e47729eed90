import Downloading

/// How many ended how, and what it took.
struct DownloadTotals: Equatable {
    private(set) var ok = 0
    private(set) var notFound = 0
    private(set) var errors = 0
    /// Of those errors, files that could not be written.
    private(set) var unwritten = 0
    /// Of content.
    private(set) var bytes = 0
    private(set) var attempts = 0

    init(_ results: some Sequence<DownloadResult>) {
        for result in results { add(result) }
    }

    var count: Int { ok + notFound + errors }

    private mutating func add(_ result: DownloadResult) {
        switch result.outcome {
        case .ok: ok += 1
        case .notFound: notFound += 1
        case .failed(let failure):
            errors += 1
            if failure.kind == .file { unwritten += 1 }
        }
        bytes = Self.sum(bytes, result.bytes)
        attempts = Self.sum(attempts, result.attempts)
    }

    private static func sum(_ left: Int, _ right: Int) -> Int {
        let (sum, isOver) = left.addingReportingOverflow(max(right, 0))
        return isOver ? .max : sum
    }
}
