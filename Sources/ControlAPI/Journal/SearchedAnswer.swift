import HTTPWire

/// The answer that a search in the journal ends with, a part of it in each turn of the loop.
final class SearchedAnswer: LateAnswer, ScanTurns.Reader {
    private var search: any JournalSearch
    private let turns: ScanTurns
    /// Hears the answer, and may change it.
    var finish: (SiteAnswer) -> SiteAnswer = { $0 }

    init(_ search: any JournalSearch, _ turns: ScanTurns) {
        (self.search, self.turns) = (search, turns)
        super.init()
        turns.wait(for: self)
    }

    func turnCame() {
        guard let answer = search.next(turns) else { return turns.wait(for: self) }
        onAnswer?(finish(answer))
    }
}
