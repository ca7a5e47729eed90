/// What is wrong with a script, and where.
public struct ScriptError: Error, Equatable, Sendable, CustomStringConvertible {
    /// From 1.
    public let line: Int
    /// From 1, in characters.
    public let column: Int
    /// What is wrong and what to write.
    public let message: String

    public init(line: Int, column: Int, _ message: String) {
        (self.line, self.column, self.message) = (line, column, message)
    }

    public var description: String { "\(line):\(column): \(message)" }
}
