import Records

/// A command line that `flagget` does not take, told as the book's programs tell it.
struct GetUsageError: Error, Equatable, CustomStringConvertible {
    /// The status of the book's programs, and of Python's parser.
    static let exitStatus: Int32 = 2
    /// What the book's parser prints; `--help` has the rest.
    static let usage =
        "usage: flagget [-h] [-a] [-e] [-l N] [-m CONCURRENT] [-s LABEL] [-v] [CC ...]"

    /// What is wrong, without a line end.
    let reason: String

    init(_ reason: String) {
        self.reason = reason.printable
    }

    /// Both lines, each with its line end.
    var description: String { text(usage: Self.usage) }

    /// - Parameter usage: of another command than `flagget`.
    func text(usage: String) -> String { "*** Usage error: \(reason)\n\(usage)\n" }
}
