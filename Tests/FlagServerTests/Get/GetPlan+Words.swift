import Testing

@testable import flagserver

extension GetPlan {
    /// What a command line means where three countries have flags.
    init(words: [String]) throws {
        let options = try GetOptions.parse(GetArguments.parsable(words))
        try self.init(options, countries: ["ad", "br", "zw"]) { _ in nil }
    }
}

/// What a command line is refused for, without the book's words around it.
func getRefusal(
    _ words: [String], sourceLocation: SourceLocation = #_sourceLocation
) -> String? {
    #expect(throws: GetUsageError.self, sourceLocation: sourceLocation) {
        _ = try GetPlan(words: words)
    }?.reason
}
