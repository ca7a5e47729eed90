/// Characters that follow one another and have a word in common, with the place of the word's next
/// run, in 64 bits.
struct CharacterRun {
    private var packed: UInt64

    private static let scalarBits: UInt64 = 21
    private static let scalarMask: UInt64 = 1 << scalarBits - 1
    /// Largest place that `next` can have.
    static let maximumPlace = 1 << 22 - 1

    /// One character.
    init(_ scalar: UInt32) { packed = UInt64(scalar) | 1 << Self.scalarBits }

    var first: UInt32 { UInt32(packed & Self.scalarMask) }
    /// Behind the last one.
    var end: UInt32 { first + UInt32(packed >> Self.scalarBits & Self.scalarMask) }

    /// One more at its end.
    mutating func grow() { packed += 1 << Self.scalarBits }

    /// 0 if there is none: no run follows the first one of all but those behind it.
    var next: Int {
        get { Int(packed >> (2 * Self.scalarBits)) }
        set {
            precondition(newValue <= Self.maximumPlace, "more runs than Unicode has characters")
            let rest = packed & (1 << (2 * Self.scalarBits) - 1)
            packed = rest | UInt64(newValue) << (2 * Self.scalarBits)
        }
    }
}
