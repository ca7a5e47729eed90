extension Script {
    /// Stands for the manual of verbs until the engine has it.
    public static let manual = "The manual of verbs.\n"

    /// Stands for what is doubtful until the engine says it.
    public var warnings: [ScriptError] { [] }
}
