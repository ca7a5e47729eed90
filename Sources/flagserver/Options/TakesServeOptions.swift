import ArgumentParser

/// A command with the options of `serve`, which wants to know where they come from.
protocol TakesServeOptions: ParsableCommand {
    var options: ServeOptions { get }

    /// - Throws: what a command may throw.
    func run(_ sources: OptionSources) throws
}
