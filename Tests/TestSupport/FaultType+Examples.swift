public import Faults

extension FaultType {
    /// The core, and of the scripts one of each group: what is slow need not be done for all.
    public static let examples: [FaultType] =
        core
        + FaultNote.Group.allCases.compactMap { group in
            allCases.first { $0.isScript && $0.note.group == group }
        }
}
