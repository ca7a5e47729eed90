public import Faults

// What an exchange has that met a fault, a limit or another proxy of ours, and most have not.
extension ExchangeRecord {
    /// Copied before it is changed if another record has it too: hence safe to hand over.
    @usableFromInline
    final class Rare: @unchecked Sendable {
        fileprivate var attempt: UInt32?
        fileprivate var faults: [FaultPlan.DrawnFault] = []
        fileprivate var refusal: Refusal?
        fileprivate var actualDelay: Nanoseconds = 0
        fileprivate var queued: Nanoseconds = 0
        fileprivate var via: String?
        fileprivate var origin: RecordOrigin?

        fileprivate init() {}

        fileprivate init(_ other: Rare) {
            (attempt, faults, refusal) = (other.attempt, other.faults, other.refusal)
            (actualDelay, queued) = (other.actualDelay, other.queued)
            (via, origin) = (other.via, other.origin)
        }
    }

    /// nil if nothing was drawn, or if too many targets are known to count.
    public var attempt: UInt32? {
        get { rare?.attempt }
        set { if newValue != attempt { own.attempt = newValue } }
    }

    /// Those that it met, in that order, whatever has become of their toxics since.
    public var faults: [FaultPlan.DrawnFault] {
        get { rare?.faults ?? [] }
        set { if !newValue.isEmpty || hasFaults { own.faults = newValue } }
    }

    public var hasFaults: Bool { rare.map { !$0.faults.isEmpty } ?? false }

    /// nil if it was served.
    public var refusal: Refusal? {
        get { rare?.refusal }
        set { if newValue != refusal { own.refusal = newValue } }
    }

    /// How long faults have held something of it, in nanoseconds: what overlaps counts once, and
    /// both directions are added.
    public var actualDelay: Nanoseconds {
        get { rare?.actualDelay ?? 0 }
        set { if newValue != actualDelay { own.actualDelay = newValue } }
    }

    /// How long it waited for its place, in nanoseconds.
    public var queued: Nanoseconds {
        get { rare?.queued ?? 0 }
        set { if newValue != queued { own.queued = newValue } }
    }

    /// The proxy of ours through which it came.
    public var via: String? {
        get { rare?.via }
        set { if newValue != nil || rare != nil { own.via = newValue } }
    }

    /// Its world and its label; nil if it has neither.
    public var origin: RecordOrigin? {
        get { rare?.origin }
        set { if newValue !== origin { own.origin = newValue } }
    }

    private var own: Rare {
        mutating get {
            if isKnownUniquelyReferenced(&rare), let rare { return rare }
            let made = rare.map(Rare.init) ?? Rare()
            rare = made
            return made
        }
    }
}
