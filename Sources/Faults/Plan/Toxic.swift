/// A named fault, the stream it acts on and the exchanges that it hits.
public struct Toxic: Equatable, Sendable {
    public typealias Stream = ToxicStream

    /// Which exchanges are hit.
    public enum Toxicity: Equatable, Sendable {
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

    /// Every exchange that a toxic hits refers to it: one reference is all that costs.
    private final class Storage: Sendable {
        let name: String
        let fault: Fault
        let stream: Stream
        let toxicity: Toxicity
        let exchanges: ExchangeRange?
        let match: Match?
        let window: ToxicWindow?
        let streamSpelling: String
        let isOfRequest: Bool

        init(
            _ name: String, _ fault: Fault, _ stream: Stream, _ toxicity: Toxicity,
            _ exchanges: ExchangeRange?, _ match: Match?, _ window: ToxicWindow?,
            _ streamSpelling: String, _ isOfRequest: Bool
        ) {
            (self.name, self.fault, self.stream, self.toxicity) = (name, fault, stream, toxicity)
            (self.exchanges, self.match, self.streamSpelling) = (exchanges, match, streamSpelling)
            (self.window, self.isOfRequest) = (window, isOfRequest)
        }
    }

    private let storage: Storage

    /// Unique in its proxy. The draw depends on it, so that one toxic more changes no other's fate.
    public var name: String { storage.name }
    public var fault: Fault { storage.fault }
    public var stream: Stream { storage.stream }
    public var toxicity: Toxicity { storage.toxicity }
    /// Which exchanges by number; nil: all.
    public var exchanges: ExchangeRange? { storage.exchanges }
    /// Which exchanges by what they ask; nil: all.
    public var match: Match? { storage.match }
    /// When it is in force, as it was given; nil: always.
    public var window: ToxicWindow? { storage.window }
    /// The stream as the API's client spelled it, to be echoed.
    public var streamSpelling: String { storage.streamSpelling }
    /// Whether a request has brought it along: it is none of its proxy's, and no change of those
    /// touches it.
    public var isOfRequest: Bool { storage.isOfRequest }

    /// Whether it does more the more exchanges are under way.
    public var isByLoad: Bool {
        if case .latency(let latency) = fault { latency.perInFlight > 0 } else { false }
    }

    /// - Parameters:
    ///   - name: nil for Toxiproxy's default, `<type>_<stream>`; of a script the type alone.
    ///   - streamSpelling: nil for the stream's own.
    ///   - isOfRequest: whether a request has brought it along.
    public init(
        _ fault: Fault, stream: Stream, toxicity: Toxicity = .random(.always), name: String? = nil,
        exchanges: ExchangeRange? = nil, match: Match? = nil, window: ToxicWindow? = nil,
        streamSpelling: String? = nil, isOfRequest: Bool = false
    ) {
        storage = Storage(
            name ?? fault.type.defaultName(stream.rawValue), fault, stream, toxicity, exchanges,
            match, window, streamSpelling ?? stream.rawValue, isOfRequest)
    }

    /// The same, brought along by a request.
    var ofRequest: Toxic {
        Toxic(
            fault, stream: stream, toxicity: toxicity, name: name, exchanges: exchanges,
            match: match, window: window, streamSpelling: streamSpelling, isOfRequest: true)
    }

    /// What is kept for it beyond an exchange goes by this: a request may call one as its proxy
    /// calls another.
    public var key: String { isOfRequest ? "\0\(name)" : name }

    /// Whether it is still there when its proxy has toxics of these names.
    public func remains(among names: Set<String>) -> Bool { isOfRequest || names.contains(name) }

    public static func == (left: Toxic, right: Toxic) -> Bool {
        left.storage === right.storage
            || left.name == right.name && left.fault == right.fault && left.stream == right.stream
                && left.toxicity == right.toxicity && left.exchanges == right.exchanges
                && left.match == right.match && left.window == right.window
                && left.streamSpelling == right.streamSpelling
                && left.isOfRequest == right.isOfRequest
    }
}
