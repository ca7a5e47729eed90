import Names

/// `slow-tcp`: over UDP it is answered that it be asked for over TCP, and there the answer comes
/// byte by byte.
public struct SlowStream: NameEntry {
    /// Longest pause, in milliseconds: with more, an answer would hold its connection for days.
    private static let longestPause: Int64 = 60_000

    /// From one byte to the next, in nanoseconds, up to 60 s.
    public let pause: Nanoseconds

    public init(pause: Nanoseconds) {
        self.pause = pause
    }

    static let name = "slow-tcp"
    static let summary =
        "Over UDP it is answered that it be asked for over TCP, and there byte by byte."
    static let example = " pause=200ms toxicity=0.25"
    static let attributes = [
        Attribute(
            "pause", .milliseconds, "from one byte to the next", 0...longestPause, default: 100,
            belowZero: .isZero)
    ]

    init(_ values: AttributeValues) {
        self.init(pause: values.time("pause"))
    }

    var values: [(name: String, value: Quantity)] { [("pause", .number(Int64(pause)))] }
    var words: String { "TCP, a byte each \(Notation.readable(pause))" }
    var nameFault: NameFault { .slowStream(pause: pause) }
}
