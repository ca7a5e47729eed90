/// What a script knows of a request that it answers, as text for its variables.
public struct ScriptRequest: Sendable {
    /// As it was sent: `$target`.
    public var target = ""
    /// The target without the fault in it: `$path`.
    public var path = ""
    /// The Host that it was sent to: `$authority`.
    public var authority = ""
    /// The origin of LOCAL, `http://localhost:8001`: `$elsewhere`.
    public var elsewhere = ""
    /// This URL with n one less, at 0 the control: `$next`; empty where there is none.
    public var next = ""
    /// Whole seconds since 1970: `$date`.
    public var date: Int64 = 0
    /// Whether it has asked for the head alone.
    public var isHead = false

    public init() {}
}
