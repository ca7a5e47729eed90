/// A named fault, the stream it acts on and the share of exchanges that it hits.
public struct Toxic: Sendable {
    /// Of Toxiproxy's API: from the client to the upstream, or back.
    public enum Stream: String, Sendable { case upstream, downstream }

    /// Which exchanges are hit.
    public enum Toxicity: Sendable {
        /// Each by a coin of its own.
        case random(Probability)
        /// The share exactly, in every deck of 20 by arrival.
        case exact(Probability)

        public var probability: Probability {
            switch self {
            case .random(let probability), .exact(let probability): probability
            }
        }
    }

    /// Unique in its proxy. The draw depends on it, so that one toxic more changes no other's fate.
    public let name: String
    public let fault: Fault
    public let stream: Stream
    public let toxicity: Toxicity

    /// - Parameter name: nil for Toxiproxy's default, `<type>_<stream>`.
    public init(
        _ fault: Fault, stream: Stream, toxicity: Toxicity = .random(.always), name: String? = nil
    ) {
        self.name = name ?? "\(fault.type)_\(stream.rawValue)"
        (self.fault, self.stream, self.toxicity) = (fault, stream, toxicity)
    }
}
