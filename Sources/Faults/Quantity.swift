public import HTTPWire

/// The value of an attribute in base units: times in nanoseconds, sizes in bytes, rates in bytes
/// per second, flags as 0 and 1, weights; or a fraction of 1, a text, or fields of a message.
public enum Quantity: Equatable, Sendable {
    case number(Int64)
    case fraction(Double)
    /// One of several, or of a script.
    case word(String)
    case text(String)
    case fields([HTTPField])
}
