/// An option or an argument of a command.
struct ReferenceOption: Equatable {
    /// As they are typed, `-q` and `--quiet`, the shortest first; none for an argument.
    let names: [String]
    /// What its value is called; of an argument its own name; nil for a flag.
    let value: String?
    let summary: String
    /// Where it stands in the help; empty for what has no heading.
    let section: String
    /// All that its value may be; empty if there are too many.
    let values: [String]
    /// nil if there is none, or if the summary says it.
    let standard: String?

    /// The name that says most.
    var longest: String { names.last ?? value ?? "" }
}
