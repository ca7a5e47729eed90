import HTTPWire

/// A client that is to get an error, once it has said what it has to say before. Few sessions have
/// one.
final class OpeningReading {
    var opening: any ClientOpening
    let error: Bytes

    init(_ opening: any ClientOpening, error: Bytes) {
        (self.opening, self.error) = (opening, error)
    }
}
