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

extension OptionSources {
    /// Nothing but what is typed.
    static var none: OptionSources {
        get throws { try OptionSources([]) { _ in nil } }
    }

    /// Those of the program's own command line.
    init(_ typed: [String], variable: @escaping (String) -> String?) throws {
        try self.init(typed, variable: variable, parse: FlagserverCommand.options)
    }
}

extension Settings {
    init(_ sources: OptionSources) throws {
        try self.init(try sources.options(), sources)
    }
}
