import ArgumentParser

/// A command that puts a server under load: `sweep` or `bench`.
protocol LoadCommand: ParsableCommand {
    /// - Returns: the exit status.
    /// - Throws: `GetUsageError`, or `CommandLineError`.
    func measure() throws -> Int32
}
