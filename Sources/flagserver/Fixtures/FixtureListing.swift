/// What stands in a fixtures directory.
struct FixtureListing {
    /// The regular files that are served, sorted, as `br/br.gif`.
    var files: [String] = []
    /// What is left out and why, one sentence each: links, FIFOs, devices and what lies too deep.
    var warnings: [String] = []
    /// What cannot be read, by its name, and why.
    var failures: [(name: String, reason: FixtureFile.Failure)] = []
}
