/// The request that the honest answer is made for: the client's with these changes.
public struct ScriptQuestion: Equatable, Sendable {
    /// Names of fields, in lower case.
    public var dropped: [String] = []
    /// Complete field lines without their end: `Range: bytes=0-9`; each replaces those of its
    /// name.
    public var set: [String] = []
    /// Whether another object of the same server is needed, too.
    public var needsOther = false

    public init() {}
}
