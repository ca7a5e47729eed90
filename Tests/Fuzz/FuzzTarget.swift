/// What is fed with any bytes: it must take or refuse them, and what it says must hold.
///
/// `make fuzz` has libFuzzer make up the bytes, and the tests replay the corpus.
struct FuzzTarget: Sendable {
    let name: String
    /// - Throws: `FuzzFinding` for what does not hold; a trap is one, too.
    let check: @Sendable (UnsafeRawBufferPointer) throws -> Void

    static let all = [
        FuzzTarget(name: "requests", check: FuzzRequests.check),
        FuzzTarget(name: "ranges", check: FuzzRanges.check),
        FuzzTarget(name: "answers", check: FuzzAnswers.check),
        FuzzTarget(name: "http") { try FuzzFraming.check($0, .http) },
        FuzzTarget(name: "redis") { try FuzzFraming.check($0, .redis) },
        FuzzTarget(name: "memcache") { try FuzzFraming.check($0, .memcache) },
        FuzzTarget(name: "smtp") { try FuzzFraming.check($0, .smtp) },
        FuzzTarget(name: "charfinder") { try FuzzFraming.check($0, .charfinder) },
        FuzzTarget(name: "json", check: FuzzJSON.check),
        FuzzTarget(name: "toxics", check: FuzzToxics.check),
        FuzzTarget(name: "patterns", check: FuzzPatterns.check),
        FuzzTarget(name: "queries", check: FuzzQueries.check),
        FuzzTarget(name: "mixes", check: FuzzMixes.check),
        FuzzTarget(name: "scripts", check: FuzzScripts.check),
        FuzzTarget(name: "pipelines", check: FuzzPipelines.check),
        FuzzTarget(name: "options", check: FuzzOptions.check),
        FuzzTarget(name: "configuration", check: FuzzConfiguration.check),
        FuzzTarget(name: "names", check: FuzzNames.check),
    ]
}

/// What does not hold.
struct FuzzFinding: Error, CustomStringConvertible {
    let description: String
}

/// - Throws: `FuzzFinding` unless it is so.
func hold(_ isSo: Bool, _ otherwise: @autoclosure () -> String) throws {
    guard isSo else { throw FuzzFinding(description: otherwise()) }
}

/// Reads a text; what refuses it must say why.
///
/// - Returns: nil if it is refused.
func taken<Value>(_ read: () throws -> Value) throws -> Value? {
    do {
        return try read()
    } catch let finding as FuzzFinding {
        throw finding
    } catch {
        try hold(!"\(error)".isEmpty, "it is refused without a word")
        return nil
    }
}
