extension Script {
    /// What may be a mistake though it can be done, in the order of the places.
    public var warnings: [ScriptError] { warnings() }

    /// - Parameter turns: for how long it is done to see what becomes of it, 1024 steps each.
    func warnings(turns: Int = ScriptWarnings.mostTurns) -> [ScriptError] {
        var warnings = ScriptWarnings(program, places: places)
        warnings.turns = turns
        return warnings.all
    }
}
