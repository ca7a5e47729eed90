import Names

/// `slow-tcp`: over UDP it is answered that it be asked for over TCP, and there the answer comes
/// byte by byte.
public struct SlowStream: NameEntry {
    /// From one byte to the next, in nanoseconds.
    public let pause: Nanoseconds

    public init(pause: Nanoseconds) {
        self.pause = pause
    }

    static let name = "slow-tcp"
    static let summary =
        "Over UDP it is answered that it be asked for over TCP, and there byte by byte."
    static let example = " pause=200ms toxicity=0.25"
    static let attributes = [
        Attribute.milliseconds("pause", "from one byte to the next", default: 100)
    ]

    init(_ values: AttributeValues) {
        self.init(pause: values.time("pause"))
    }

    var values: [(name: String, value: Quantity)] { [("pause", .number(Int64(pause)))] }
    var words: String { "TCP, a byte each \(Notation.readable(pause))" }
    var nameFault: NameFault { .slowStream(pause: pause) }
}
