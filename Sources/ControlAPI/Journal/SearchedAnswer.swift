import HTTPWire

/// The answer that a search in the journal ends with, a part of it in each turn of the loop.
final class SearchedAnswer: LateAnswer, ScanTurns.Reader {
    private var search: any JournalSearch
    private let turns: ScanTurns
    private let finish: (Result<SiteAnswer, any Error>) -> SiteAnswer
    /// Hears the answer, once; nil if it is let go of without one.
    var onEnd: ((SiteAnswer?) -> Void)?

    /// - Parameter finish: makes the answer of what was found.
    init(
        _ search: any JournalSearch, _ turns: ScanTurns,
        finish: @escaping (Result<SiteAnswer, any Error>) -> SiteAnswer
    ) {
        (self.search, self.turns, self.finish) = (search, turns, finish)
        super.init()
        turns.wait(for: self)
    }

    deinit { onEnd?(nil) }

    func turnCame() {
        guard let found else { return turns.wait(for: self) }
        let answer = finish(found)
        onEnd?(answer)
        onEnd = nil
        onAnswer?(answer)
    }

    /// nil if there is more to look at.
    private var found: Result<SiteAnswer, any Error>? {
        do {
            return try search.next(turns).map(Result.success)
        } catch {
            return .failure(error)
        }
    }
}
