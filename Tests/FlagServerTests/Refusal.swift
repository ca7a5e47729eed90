import Testing

@testable import flagserver

/// The error that `body` ends with, as the command line tells it.
func refusal<Result>(
    _ body: () throws -> Result, sourceLocation: SourceLocation = #_sourceLocation
) -> CommandLineError? {
    #expect(throws: CommandLineError.self, sourceLocation: sourceLocation) { _ = try body() }
}

/// The settings that a command line stands for.
func settings(_ arguments: [String]) throws -> Settings {
    try Settings(try ServeOptions.parse(arguments))
}
