/// Whose exchange it was, where that is not plain: its private world, and what its test has called
/// it. Shared by all records that have the same.
public final class RecordOrigin: Sendable {
    /// Longest label in bytes.
    public static let maximumLabel = 200

    /// The name of the world; nil: outside of all.
    public let world: String?
    /// What all draws there begin with.
    public let seed: UInt64
    public let label: String?

    public init(world: String?, seed: UInt64, label: String? = nil) {
        (self.world, self.seed, self.label) = (world, seed, label)
    }
}
