/// A loop under way.
struct ScriptFrame {
    /// The first step in it, and the one behind its `done`.
    let (start, end): (Int, Int)
    var round = 1
    /// nil: for ever.
    let rounds: Int?
    /// How many bytes it may still send; nil: as many as it wants.
    var budget: Int?
    /// When it ends at the latest.
    let deadline: Instant?
    /// Whether this round has sent a byte or has waited: one for ever that does neither is over.
    var isAlive = false
}
