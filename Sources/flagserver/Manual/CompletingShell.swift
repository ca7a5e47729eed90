import ArgumentParser

/// A shell that completes: its script, and the form in which that wants its answers.
enum CompletingShell: String, ExpressibleByArgument, CaseIterable {
    case bash, zsh, fish

    /// A line that says what the shell adds itself, then a line for each candidate.
    ///
    /// - Parameter current: the word that is completed, as it was typed.
    func text(_ answer: Completion.Answer, current: String) -> String {
        let lines = answer.candidates.map { candidate in
            switch self {
            case .bash: String(candidate.text.dropFirst(BashWords.kept(of: current)))
            case .zsh, .fish: "\(candidate.text)\t\(candidate.summary)"
            }
        }
        return ([answer.kind.rawValue] + lines).map { $0 + "\n" }.joined()
    }
}
