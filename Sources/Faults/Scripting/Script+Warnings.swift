extension Script {
    /// What may be a mistake though it can be done, in the order of the places.
    public var warnings: [ScriptError] { ScriptWarnings(program, places: places).all }
}
