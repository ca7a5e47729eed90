public import Faults

// What an exchange has that met a fault, a limit or another proxy of ours.
extension ExchangeRecord {
    fileprivate struct Fields {
        var attempt: UInt32?
        var faults: [FaultPlan.DrawnFault] = []
        var refusal: Refusal?
        var actualDelay: Nanoseconds = 0
        var queued: Nanoseconds = 0
        var via: String?
    }

    /// `@unchecked Sendable`: it is copied before it is changed if another record has it too.
    @usableFromInline
    final class Rare: @unchecked Sendable {
        fileprivate var fields: Fields

        fileprivate init(_ fields: Fields) { self.fields = fields }
    }

    /// What a record takes at most in bytes, without texts and faults: an object has 16 of its own,
    /// and its allocation 8.
    public static let size =
        MemoryLayout<ExchangeRecord>.stride + MemoryLayout<Fields>.stride + 24

    /// nil if nothing was drawn, or if too many targets are known to count.
    public var attempt: UInt32? {
        get { rare?.fields.attempt }
        set { if newValue != attempt { own.fields.attempt = newValue } }
    }

    /// Those that it met, in that order, whatever has become of their toxics since.
    public var faults: [FaultPlan.DrawnFault] {
        get { rare?.fields.faults ?? [] }
        set { if !newValue.isEmpty || hasFaults { own.fields.faults = newValue } }
    }

    public var hasFaults: Bool { rare.map { !$0.fields.faults.isEmpty } ?? false }

    /// nil if it was served.
    public var refusal: Refusal? {
        get { rare?.fields.refusal }
        set { if newValue != refusal { own.fields.refusal = newValue } }
    }

    /// How long faults have held something of it, in nanoseconds: what overlaps counts once, and
    /// both directions are added.
    public var actualDelay: Nanoseconds {
        get { rare?.fields.actualDelay ?? 0 }
        set { if newValue != actualDelay { own.fields.actualDelay = newValue } }
    }

    /// How long it waited for its place, in nanoseconds.
    public var queued: Nanoseconds {
        get { rare?.fields.queued ?? 0 }
        set { if newValue != queued { own.fields.queued = newValue } }
    }

    /// The proxy of ours through which it came.
    public var via: String? {
        get { rare?.fields.via }
        set { if newValue != via { own.fields.via = newValue } }
    }

    private var own: Rare {
        mutating get {
            if isKnownUniquelyReferenced(&rare), let rare { return rare }
            let made = Rare(rare?.fields ?? Fields())
            rare = made
            return made
        }
    }
}
