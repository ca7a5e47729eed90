public import Faults

extension FaultType {
    /// The core but for what is of names, and of the scripts one of each group: what is slow need
    /// not be done for all.
    public static let examples: [FaultType] =
        core.filter { !$0.needsNames }
        + FaultNote.Group.allCases.compactMap { group in
            allCases.first { $0.isScript && $0.note.group == group }
        }
}
